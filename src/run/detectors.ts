import type { Capability } from '../model/capability.ts';
import type { Control } from '../model/guest.ts';
import { runScript } from './guest-script.ts';

/** Detectors of which it can be read whether they would still speak. */
export const DETECTORS = [
  'lockdep',
  'kasan',
  'kcsan',
  'kmemleak',
  'hung-task',
  'soft-lockup',
] as const satisfies readonly Capability[];
export type Detector = (typeof DETECTORS)[number];

export interface DetectorState {
  /** `absent`: not in this kernel. */
  readonly state: 'armed' | 'disarmed' | 'absent';
  readonly why: string;
}

export interface Detectors {
  readonly of: Readonly<Record<Detector, DetectorState>>;
  /** /proc/sys/kernel/tainted, a bit field (Documentation/admin-guide/tainted-kernels.rst). */
  readonly taint: number;
}

/** `name value` a line; what a kernel does not have is not printed. */
const SCRIPT = `
# Not by read, which takes a byte at a time: a sysctl gives its value to the first read alone.
show() { [ -r "$2" ] && echo "$1 $(cat "$2")"; }
show tainted /proc/sys/kernel/tainted
sed -n 's/^ *debug_locks: */debug_locks /p' /proc/lockdep_stats 2>/dev/null
show hung_timeout /proc/sys/kernel/hung_task_timeout_secs
show hung_warnings /proc/sys/kernel/hung_task_warnings
show soft_watchdog /proc/sys/kernel/soft_watchdog
show thresh /proc/sys/kernel/watchdog_thresh
[ -e /sys/kernel/debug/kcsan ] && echo "kcsan 1"
if [ -e /sys/kernel/debug/kmemleak ]; then
	# Refused when kmemleak has switched itself off (mm/kmemleak.c kmemleak_write); otherwise what is set anyway.
	if echo stack=on >/sys/kernel/debug/kmemleak 2>/dev/null; then echo "kmemleak 1"; else echo "kmemleak 0"; fi
fi
grep -q kasan_multi_shot /proc/cmdline && echo "multi_shot 1"
exit 0
`;

/** Asks the guest. `kasan` says whether its kernel has KASAN: that cannot be read there. */
export async function readDetectors(control: Control, kasan: boolean): Promise<Detectors> {
  return judgeDetectors(await runScript(control, 'reading the detectors', SCRIPT, [], 10_000), kasan);
}

/** TAINT_DIE and TAINT_BAD_PAGE (include/linux/panic.h): the first one is set by an oops, the second one by a KASAN report, too. */
const TAINT_BAD_PAGE = 1 << 5;

/** What the lines of the script mean. */
export function judgeDetectors(text: string, kasan: boolean): Detectors {
  const values = new Map<string, number>();
  for (const line of text.split('\n')) {
    const [name, value] = line.split(' ');
    if (name && value !== undefined && /^-?\d+$/.test(value)) values.set(name, Number(value));
  }
  const taint = values.get('tainted') ?? 0;
  const absent = (why: string): DetectorState => ({ state: 'absent', why });
  const judge = (armed: boolean, yes: string, no: string): DetectorState =>
    armed ? { state: 'armed', why: yes } : { state: 'disarmed', why: no };
  const has = (name: string) => values.has(name);
  const value = (name: string) => values.get(name) ?? 0;
  const lockdep = judge(value('debug_locks') === 1, 'debug_locks is 1', 'debug_locks is 0 since a report');
  const memory = judge(
    has('multi_shot') || (taint & TAINT_BAD_PAGE) === 0,
    has('multi_shot') ? 'kasan_multi_shot' : 'nothing reported yet',
    'it reports once, and has (taint B)',
  );
  const leaks = judge(value('kmemleak') === 1, 'it takes commands', 'kmemleak has switched itself off');
  const hung = judge(
    value('hung_timeout') > 0 && value('hung_warnings') !== 0,
    `after ${value('hung_timeout')} s`,
    value('hung_timeout') > 0 ? 'its warnings are used up' : 'its limit is 0',
  );
  const soft = judge(
    value('soft_watchdog') === 1 && value('thresh') > 0,
    `after ${2 * value('thresh')} s`,
    'its watchdog is off',
  );
  return {
    of: {
      lockdep: has('debug_locks') ? lockdep : absent('no lockdep in this kernel'),
      kasan: kasan ? memory : absent('no KASAN in this kernel'),
      kcsan: has('kcsan') ? { state: 'armed', why: 'it reports again and again' } : absent('no KCSAN in this kernel'),
      kmemleak: has('kmemleak') ? leaks : absent('no kmemleak in this kernel'),
      'hung-task': has('hung_timeout') ? hung : absent('no hung task detector in this kernel'),
      'soft-lockup': has('soft_watchdog') ? soft : absent('no soft lockup detector in this kernel'),
    },
    taint,
  };
}
