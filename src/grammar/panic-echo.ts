import type { OpenReport } from './open-report.ts';

const PANIC = 'Kernel panic - not syncing: ';

type Cause = (report: OpenReport) => boolean;

const anyFault: Cause = ({ end }) => end.style !== 'oom';
const oops: Cause = ({ end, headline }) =>
  !['oom', 'stall', 'lockdep'].includes(end.style) && headline.id !== 'WARNING';
const stall: Cause = ({ end }) => end.style === 'stall' || end.style === 'dump';
const outOfMemory: Cause = ({ end }) => end.style === 'oom';
const damagedStack: Cause = ({ lines }) =>
  lines[0]?.says.some(
    ({ says, fields }) => says === 'stack-guard' || says === 'stack-space' || fields.what?.includes('stack'),
  ) ?? false;

/** What a panic says when it is the last act of a report, and which reports can come to it. */
const ECHOES: readonly (readonly [text: RegExp, of: Cause])[] = [
  // arch/*/kernel/traps.c and dumpstack.c, kernel/exit.c make_task_dead, arch/x86/kernel/doublefault_32.c
  [/Fatal exception|Oopsed too often|Machine halted|^bad mode|stack guard hit|Asynchronous SError/, anyFault],
  // kernel/exit.c do_exit: the task that an oops killed
  [/^(?:Attempted to kill|Aiee, killing interrupt handler)/, oops],
  // kernel/panic.c check_panic_on_warn, mm/kasan/report.c, mm/kmsan/report.c, kernel/sched/core.c
  [/panic_on_(?:warn|oops|kmsan) |warned too often|kasan\.fault|kmsan\.panic|^scheduling while atomic/, anyFault],
  // kernel/watchdog.c, kernel/hung_task.c, kernel/rcu/tree_stall.h
  [/^(?:softlockup: hung tasks|hung_task: blocked tasks|RCU Stall|Hard LOCKUP)/, stall],
  // mm/oom_kill.c check_panic_on_oom, out_of_memory
  [/^(?:Out of memory|System is deadlocked on memory)/, outOfMemory],
  // kernel/panic.c __stack_chk_fail, kernel/sched/core.c schedule_debug, arch/arm64/kernel/traps.c
  [/^(?:stack-protector: |corrupted stack end |[Kk]ernel stack overflow)/, damagedStack],
];

/** The panic is how the open report ends; any other panic is an event of its own. */
export function isPanicEcho(report: OpenReport, body: string): boolean {
  if (report.headline.id === 'panic') return !report.end.ending;
  const at = body.indexOf(PANIC);
  if (at < 0) return false;
  const text = body.slice(at + PANIC.length);
  return ECHOES.some(([said, of]) => said.test(text) && of(report));
}
