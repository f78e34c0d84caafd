import { ExpectedError } from '../base/errors.ts';
import type { Capability, CapabilityTable, Capable } from '../model/capability.ts';
import type { ControlledGuest, Guest } from '../model/guest.ts';

export interface CapabilityQuestion {
  /** Module and file system type under test, and where it is mounted. */
  readonly module: string;
  readonly fstype: string;
  readonly mountPoint: string;
  /** The block device it is mounted from; absent: from none. */
  readonly device?: string;
  /** The kernel's configuration, where the guest may not have it in /proc/config.gz. It only makes reasons better. */
  readonly config?: string;
}

/** How long the look may take in an emulated guest with a sanitizer. */
const LOOK_MS = 60_000;

/** What a guest is capable of: one script in the guest, one look at what can be done to it from here. */
export async function readCapabilities(guest: ControlledGuest, question: CapabilityQuestion): Promise<CapabilityTable> {
  const { module, fstype, mountPoint, device = '' } = question;
  const options = (question.config ?? '').split('\n').filter((line) => OPTION_LINE.test(line));
  const argv = ['/bin/sh', '-c', SCRIPT, 'capabilities', module, fstype, mountPoint, device, options.join('\n')];
  const answer = await guest.control.request('exec', { argv, maxOutput: 1 << 20 }, { timeoutMs: LOOK_MS });
  const { seen, config } = parse(answer.output);
  if (!seen.has('end')) {
    const why = answer.error ?? (answer.output.trim().slice(-200) || `status ${answer.status}`);
    throw new ExpectedError('guest', `asking the guest what it is capable of failed: ${why}`);
  }
  const rows = Object.entries(IN_GUEST).map(([name, row]) => [name, capable(row, seen.has(name), config)]);
  const around = Object.entries(AROUND).map(([name, row]) => [
    name,
    { has: row.has(guest), why: row.has(guest) ? 'the machine can' : row.lacks },
  ]);
  return Object.fromEntries([...rows, ...around]) as CapabilityTable;
}

interface Row {
  /** A condition for the guest's shell. `$module`, `$fstype`, `$mount` and `$device` are what is under test. */
  readonly test: string;
  readonly has: string;
  readonly lacks: string;
  /** The option of the kernel that brings it: when it is off, that is the reason. */
  readonly option?: string;
}

const file = (path: string, option?: string): Row => ({
  test: `[ -e ${path} ]`,
  has: path,
  lacks: `no ${path}`,
  ...(option !== undefined && { option }),
});
const program = (name: string, test = `command -v ${name} >/dev/null`): Row => ({
  test,
  has: `the guest has ${name}`,
  lacks: `no ${name} in the guest`,
});
/** What shows nowhere but in what the kernel was built with, or in its symbols where that is not known. */
const built = (option: string, symbol: string): Row => ({
  test: `is_built ${option} ${symbol}`,
  has: `${option} is set`,
  lacks: `no ${symbol} in /proc/kallsyms`,
  option,
});
/** Rows of the device-mapper need its program, too. */
const dm = (target: string, option: string): Row => ({
  test: `has_dm ${target}`,
  has: `the device-mapper has the target ${target}`,
  lacks: `no device-mapper target ${target}, or no dmsetup in the guest`,
  option,
});
const debug = '/sys/kernel/debug';

type Around = 'snapshot' | 'reset' | 'freeze' | 'kill' | 'unplug';

/** How each is read in the guest. */
const IN_GUEST: Readonly<Record<Exclude<Capability, Around>, Row>> = {
  kasan: built('CONFIG_KASAN', 'kasan_report'),
  kcsan: file(`${debug}/kcsan`, 'CONFIG_KCSAN'),
  kmemleak: file(`${debug}/kmemleak`, 'CONFIG_DEBUG_KMEMLEAK'),
  lockdep: file('/proc/lockdep', 'CONFIG_PROVE_LOCKING'),
  ubsan: built('CONFIG_UBSAN', '__ubsan_handle_shift_out_of_bounds'),
  'hung-task': file('/proc/sys/kernel/hung_task_timeout_secs', 'CONFIG_DETECT_HUNG_TASK'),
  'soft-lockup': file('/proc/sys/kernel/soft_watchdog', 'CONFIG_SOFTLOCKUP_DETECTOR'),
  failslab: file(`${debug}/failslab`, 'CONFIG_FAILSLAB'),
  'fail-page-alloc': file(`${debug}/fail_page_alloc`, 'CONFIG_FAIL_PAGE_ALLOC'),
  'fail-make-request': file(`${debug}/fail_make_request`, 'CONFIG_FAIL_MAKE_REQUEST'),
  'fail-function': file(`${debug}/fail_function`, 'CONFIG_FAIL_FUNCTION'),
  'fail-usercopy': file(`${debug}/fail_usercopy`, 'CONFIG_FAULT_INJECTION_USERCOPY'),
  'fail-nth': file('/proc/self/fail-nth', 'CONFIG_FAULT_INJECTION'),
  'cgroup-memory': {
    test: "grep -qE '^memory\\s.*\\s1$' /proc/cgroups",
    has: 'memory is in /proc/cgroups',
    lacks: 'no memory controller in /proc/cgroups',
    option: 'CONFIG_MEMCG',
  },
  'cpu-hotplug': {
    test: '[ -e /sys/devices/system/cpu/cpu1/online ]',
    has: 'a CPU beside the first can go offline',
    lacks: 'no CPU beside the first, or none that can go offline',
    option: 'CONFIG_HOTPLUG_CPU',
  },
  'block-device': {
    test: '[ -n "$device" ] && [ -b "$device" ]',
    has: 'the file system is on a block device',
    lacks: 'the file system is mounted from no block device',
  },
  'dm-flakey': dm('flakey', 'CONFIG_DM_FLAKEY'),
  'dm-error': dm('error', 'CONFIG_BLK_DEV_DM'),
  'dm-delay': dm('delay', 'CONFIG_DM_DELAY'),
  netem: {
    test: '[ -x /tools/bin/tc ] && { [ -d /sys/module/sch_netem ] || is_built CONFIG_NET_SCH_NETEM netem_enqueue; }',
    has: 'the kernel has netem, the guest has tc',
    lacks: 'the kernel has no netem loaded, or the guest has no tc',
    option: 'CONFIG_NET_SCH_NETEM',
  },
  network: {
    test: 'ls -d /sys/class/net/*/device >/dev/null',
    has: 'the guest has a network interface',
    lacks: 'the guest has no network',
  },
  pstore: {
    test: '[ -e /sys/module/pstore/parameters/backend ] && ! grep -q null /sys/module/pstore/parameters/backend',
    has: 'pstore has a backend',
    lacks: 'pstore has no backend',
    option: 'CONFIG_PSTORE',
  },
  kprobes: file(`${debug}/kprobes`, 'CONFIG_KPROBES'),
  root: { test: '[ "$(id -u)" = 0 ]', has: 'commands run as root', lacks: 'commands do not run as root' },
  module: { test: '[ -d "/sys/module/$module" ]', has: 'the module is loaded', lacks: 'the module is not loaded' },
  'module-faults': {
    test: `[ -e "${debug}/$module/fault" ]`,
    has: 'the module lists its faults in debugfs',
    lacks: 'the module has no faults of its own in debugfs',
  },
  vectors: {
    test: '[ "$fstype" = vexfs ]',
    has: 'the file system has vectors',
    lacks: 'the file system has no vectors',
  },
  mkfs: {
    test: 'command -v "mkfs.$fstype" >/dev/null',
    has: 'the guest has mkfs of the file system',
    lacks: 'no mkfs of the file system in the guest',
  },
  fio: program('fio', '[ -x /tools/bin/fio ]'),
  'stress-ng': program('stress-ng', '[ -x /tools/bin/stress-ng ]'),
  xfstests: program('xfstests', '[ -x /usr/lib/xfstests/check ] || [ -x /var/lib/xfstests/check ]'),
};

/** What can be done to a guest from here shows in what its object has. */
const AROUND: Readonly<Record<Around, { readonly has: (guest: Guest) => boolean; readonly lacks: string }>> = {
  snapshot: { has: (guest) => guest.restoreSnapshot !== undefined, lacks: 'this guest has no snapshots' },
  reset: { has: (guest) => guest.reset !== undefined, lacks: 'this guest cannot be reset from here' },
  freeze: { has: (guest) => guest.freeze !== undefined, lacks: 'this guest cannot be frozen from here' },
  kill: { has: (guest) => guest.kill !== undefined, lacks: 'this guest cannot be ended from here' },
  unplug: { has: (guest) => guest.losePort !== undefined, lacks: 'no device of this guest can be unplugged from here' },
};

const OPTIONS = Object.values(IN_GUEST).flatMap(({ option }) => option ?? []);
const OPTION_LINE = new RegExp(`^(?:${OPTIONS.join('|')})=`);

/**
 * `yes NAME` for what is there, `config LINE` for the options that are asked for, and `end`. The table of symbols is read only where
 * nothing else tells: in an emulated guest that takes seconds.
 */
const SCRIPT = `module=$1 fstype=$2 mount=$3 device=$4 config=$5
[ -e /proc/config.gz ] && config=$(zcat /proc/config.gz | grep -E '^(${OPTIONS.join('|')})=')
is_built() {
  [ -n "$config" ] || { grep -qw "$2" /proc/kallsyms; return; }
  case "
$config" in *"
$1=y"*) return 0;; esac; return 1
}
targets=$(/tools/bin/dmsetup targets 2>/dev/null)
has_dm() { case "
$targets" in *"
$1 "*) return 0;; esac; return 1; }
${Object.entries(IN_GUEST)
  .map(([name, { test }]) => `{ ${test}; } 2>/dev/null && echo "yes ${name}"`)
  .join('\n')}
echo "$config" | sed 's/^/config /'
echo "yes end"`;

function parse(output: string): { seen: ReadonlySet<string>; config: string } {
  const lines = output.split('\n');
  const with_ = (word: string) => lines.filter((line) => line.startsWith(word)).map((line) => line.slice(word.length));
  return { seen: new Set(with_('yes ')), config: with_('config ').join('\n') };
}

function capable({ has, lacks, option }: Row, there: boolean, config: string): Capable {
  if (there) return { has: true, why: has };
  const lines = config.split('\n');
  const off =
    option !== undefined && config !== '' && !lines.some((line) => line === `${option}=y` || line === `${option}=m`);
  return { has: false, why: off ? `${option} is not set` : lacks };
}
