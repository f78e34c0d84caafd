import { ExpectedError } from '../base/errors.ts';
import { isSanitizer, type Kernel } from '../guest/kernel.ts';
import type { ModuleUnderTest } from '../guest/module.ts';
import type { AgentAnswer, Control, Guest } from '../model/guest.ts';

/** Where things are in the guest. */
export const GUEST_PATHS = {
  module: '/module',
  mount: '/mnt/vexfs',
  tracing: '/sys/kernel/tracing/instances/vexfs-trace',
  /** What init lays over the disk where faults of disks are wanted. */
  breakableDisk: '/dev/mapper/vexfs-fault',
} as const;

/** Seconds after which the kernel reports a hang, and when an operation counts as slow. Short, since a run waits for them; long enough for a slow emulator. */
export interface Thresholds {
  readonly hungTask: number;
  readonly softLockup: number;
  readonly rcuStall: number;
  readonly slowOperationMs: number;
}

/**
 * Tasks that wait for a CPU which spins must not be called hung before the CPU is called stuck: their limit is the longest.
 * A sanitizer kernel under emulation is slow enough that a clean load would trip the short limits.
 */
export function thresholdsFor(kernel: Kernel): Thresholds {
  return isSanitizer(kernel)
    ? { hungTask: 30, softLockup: 20, rcuStall: 21, slowOperationMs: 2500 }
    : { hungTask: 15, softLockup: 10, rcuStall: 12, slowOperationMs: 1000 };
}

/** Trace events that are streamed by default: what the flight recorder needs. mem_access alone would be most of the volume. */
export const TRACE_EVENTS = ['op_begin', 'op_end', 'lock_attempt', 'lock_acquired', 'lock_release', 'search'];

const LOCK_EVENTS = TRACE_EVENTS.filter((event) => event.startsWith('lock_'));
/** What the analysis of races needs beside them. */
const RACE_EVENTS = ['alloc', 'free', 'mem_access'];

/**
 * Left out of the stream: two spinlocks that every operation takes for a few instructions. They are nine tenths of all
 * lock events of the built-in load, and under emulation the trace would lose events for them.
 */
const LOCK_FILTER = 'class != "sbi.space_lock" && class != "sbi.stats_lock"';

/** Tasks that leave their CPU until what they wait for wakes them, with their stacks: what an operation waits for. */
const SLEEPS = [
  ['filter', 'prev_state == 2'],
  ['trigger', 'stacktrace if prev_state == 2'],
  ['enable', '1'],
] as const;

/** Asks the agent and turns a failure into a sentence. */
export async function ask(
  control: Control,
  what: string,
  cmd: string,
  fields: Readonly<Record<string, unknown>>,
  timeoutMs = 30_000,
): Promise<AgentAnswer> {
  const answer = await control.request(cmd, fields, { timeoutMs });
  if (answer.status === 0) return answer;
  const why =
    answer.error ??
    (answer.output.trim() ||
      (answer.status === -2 ? `no end within ${timeoutMs / 1000} s` : `status ${answer.status}`));
  throw new ExpectedError('guest', `${what} failed in the guest: ${why}`);
}

/** Detector limits, loaded module, mounted file system. */
export async function prepareModule(
  guest: Guest & { control: Control },
  module: ModuleUnderTest,
  limits: Thresholds,
): Promise<void> {
  const { control } = guest;
  await control.request('sysctl', {
    values: {
      'kernel.hung_task_timeout_secs': limits.hungTask,
      'kernel.hung_task_check_interval_secs': 2,
      'kernel.hung_task_warnings': -1,
      // The soft lockup limit is twice the watchdog's period (kernel/watchdog.c).
      'kernel.watchdog_thresh': limits.softLockup / 2,
      'kernel.printk_ratelimit': 0,
      'vm.oom_dump_tasks': 1,
    },
  });
  await control.request('write', {
    path: '/sys/module/rcupdate/parameters/rcu_cpu_stall_timeout',
    data: String(limits.rcuStall),
  });
  await loadModule(control, module);
  await mountModule(control, module);
}

/** Loads the module; on a KCSAN kernel only races in its own functions are reported from then on. */
export async function loadModule(control: Control, module: ModuleUnderTest): Promise<void> {
  await ask(control, `loading module ${module.name}`, 'load', {
    path: `${GUEST_PATHS.module}/${module.name}.ko`,
    params: module.params,
  });
  await control.request('exec', { argv: ['/bin/sh', '-c', WATCH_OWN_RACES, 'sh', module.name] });
}

/**
 * A kernel has data races of its own that nobody who tests a module wants to be woken by. The report filter of
 * kernel/kcsan/debugfs.c takes one function a write; `whitelist` turns the list from hidden to shown ones.
 */
const WATCH_OWN_RACES = `kcsan=/sys/kernel/debug/kcsan
[ -e $kcsan ] || exit 0
echo whitelist >$kcsan
grep -F "[$1]" /proc/kallsyms | while read -r address type name module; do
  case $type in t|T) echo "!$name" >$kcsan ;; esac
done 2>/dev/null`;

export async function mountModule(control: Control, module: ModuleUnderTest, options = ''): Promise<void> {
  const source = module.device ?? 'none';
  await ask(control, `mounting ${module.fstype}`, 'mount', {
    source,
    target: GUEST_PATHS.mount,
    fstype: module.fstype,
    options,
  });
}

/** Sets up an ftrace instance of our own. Returns false where the kernel has no such events; the caller says so. */
export async function prepareFtrace(
  control: Control,
  module: ModuleUnderTest,
  bufferKiB: number,
  everything = false,
): Promise<boolean> {
  const dir = GUEST_PATHS.tracing;
  // After the module was loaded again, the instance is there and its stream runs on.
  const made = await control.request('exec', { argv: ['mkdir', '-p', dir] });
  if (made.status !== 0) return false;
  const settings: readonly (readonly [string, string])[] = [
    ['trace_clock', 'mono'],
    ['buffer_size_kb', String(bufferKiB)],
    // Not options/hash-ptr: in 6.1 an event then loses its first string. The module prints real addresses by itself.
    // An access whose lock is left out of the trace would look like a race: no filter then, and it is lifted before accesses come.
    ...LOCK_EVENTS.map((event) => [`events/${module.name}/${event}/filter`, everything ? '0' : LOCK_FILTER] as const),
    ...[...TRACE_EVENTS, ...(everything ? RACE_EVENTS : [])].map(
      (event) => [`events/${module.name}/${event}/enable`, '1'] as const,
    ),
  ];
  for (const [file, data] of SLEEPS)
    await control.request('write', { path: `${dir}/events/sched/sched_switch/${file}`, data });
  let enabled = 0;
  for (const [file, data] of settings) {
    const answer = await control.request('write', { path: `${dir}/${file}`, data });
    if (answer.status === 0 && file.endsWith('/enable')) enabled++;
  }
  if (enabled === 0) return false;
  await startBlackBox(control, module);
  return true;
}

/** Kibibytes of each CPU: two pages and the reader's, 50 operations at the least. All of it goes over the console when the kernel dies. */
const BLACK_BOX_KIB = 8;

/**
 * Operations also go to the kernel's own trace buffer, a small one, which it prints when it goes down (`ftrace_dump_on_oops`): what
 * trace_pipe had not delivered by then is lost otherwise. Worth having, not worth ending a run for.
 */
async function startBlackBox(control: Control, module: ModuleUnderTest): Promise<void> {
  const tracing = '/sys/kernel/tracing';
  const settings: readonly (readonly [string, string])[] = [
    [`${tracing}/buffer_size_kb`, String(BLACK_BOX_KIB)],
    [`${tracing}/events/${module.name}/op_begin/enable`, '1'],
    [`${tracing}/events/${module.name}/op_end/enable`, '1'],
    ['/proc/sys/kernel/ftrace_dump_on_oops', '1'],
    // Names of tasks that have made events; 128 unless told otherwise.
    [`${tracing}/saved_cmdlines_size`, '1024'],
  ];
  for (const [path, data] of settings) await control.request('write', { path, data });
}
