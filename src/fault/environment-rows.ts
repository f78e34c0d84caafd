import { armLoop } from './loop.ts';
import type { FaultRow } from './row.ts';
import { orUndo, shell } from './target.ts';
import { TASKS_OF } from './tasks.ts';

/** What marks the lines of the console flood. */
const FLOOD = 'vexfs-fault: flood';

/** The first network interface that is a device; `lo` is none. */
const INTERFACE = 'interface=$(ls -d /sys/class/net/*/device | head -n 1 | cut -d/ -f5)';
/** Of stopping and continuing, before it is looked anew for tasks. */
const ROUNDS = 10;

const base = { group: 'environment', leaves: 'working' } as const;

/**
 * Documentation/admin-guide/cgroup-v2.rst, and cgroup-v1/memory.rst where that has the controller. What the tasks have so far
 * stays with whom it was counted for; what they take from now on counts.
 */
const LIMIT_MEMORY = `${TASKS_OF}
dir=/tmp/vexfs-faults/cgroup
mkdir -p "$dir" || exit 1
grep -q " $dir " /proc/mounts || {
  mount -t cgroup2 none "$dir" 2>/dev/null && grep -qw memory "$dir/cgroup.controllers" ||
  { umount "$dir" 2>/dev/null; mount -t cgroup -o memory none "$dir"; }
} || exit 1
[ ! -e "$dir/cgroup.subtree_control" ] || echo +memory >"$dir/cgroup.subtree_control" || exit 1
mkdir -p "$dir/limited" && cd "$dir/limited" || exit 1
limit=memory.max; [ -e "$limit" ] || limit=memory.limit_in_bytes
echo "$1" >"$limit" || exit 1
tasks_of "$2"
for pid in $tasks; do echo "$pid" >cgroup.procs; done 2>/dev/null
wc -l <cgroup.procs`;

const ASK_MEMORY = `cd /tmp/vexfs-faults/cgroup/limited 2>/dev/null || { echo 0 0; exit 0; }
if [ -e memory.events ]; then
  echo $(sed -n 's/^max //p' memory.events) $(sed -n 's/^oom_kill //p' memory.events)
else
  echo $(cat memory.failcnt) $(sed -n 's/^oom_kill //p' memory.oom_control)
fi`;

const UNLIMIT_MEMORY = `dir=/tmp/vexfs-faults/cgroup
[ -d "$dir/limited" ] || exit 0
for pid in $(cat "$dir/limited/cgroup.procs"); do echo "$pid" >"$dir/cgroup.procs"; done 2>/dev/null
rmdir "$dir/limited" 2>/dev/null
umount "$dir" 2>/dev/null
true`;

/**
 * A file that takes what is free. Some file systems charge a file's size with holes included, others need blocks, so it is
 * grown first and written only as far as that took nothing.
 */
const FILL = `file=$1/.vexfs-fault-full
free() { stat -f -c '%a %S' "$1" | { read -r blocks size; echo $((blocks * size - $2 * 1048576)); }; }
room=$(free "$1" "$2") || exit 1
[ "$room" -gt 0 ] || { echo 0; exit 0; }
truncate -s "$room" "$file" 2>/dev/null
[ $(free "$1" "$2") -lt 65536 ] || fallocate -l "$room" "$file" 2>/dev/null
[ $(free "$1" "$2") -lt 65536 ] || { : >"$file" && dd if=/dev/zero of="$file" bs=64k count=$((room / 65536)) 2>/dev/null; }
free "$1" 0`;

/** The clock is set by what has passed since the machine started: the steps before do not add up. */
const UPTIME = 'cut -d. -f1 /proc/uptime';
const CLOCK_BEGIN = `echo $(( $(date +%s) - $(${UPTIME}) )) >"$mark.offset"`;
const CLOCK_SET = `date -s "@$(( $(cat "$mark.offset") + $(${UPTIME}) + $step ))"`;

export const ENVIRONMENT_ROWS: readonly FaultRow[] = [
  {
    ...base,
    name: 'memory-pressure',
    about: 'the load may take little more memory: a memory cgroup around its tasks',
    needs: ['root', 'cgroup-memory'],
    parameters: [{ name: 'limit', default: 512, unit: 'KiB', about: 'what the tasks may take from now on' }],
    arm: async (target, { limit }) => {
      const lift = async () => void (await shell(target, 'lifting the limit of memory', UNLIMIT_MEMORY));
      const args = [Number(limit) * 1024, target.load() ?? 0];
      const { output } = await orUndo(() => shell(target, 'limiting memory', LIMIT_MEMORY, args), lift);
      return {
        report: async () => {
          const asked = await shell(target, 'asking the memory cgroup', ASK_MEMORY);
          const [full = 0, killed = 0] = asked.output.trim().split(' ').map(Number);
          return {
            hits: full,
            detail: `${output.trim()} tasks were limited to ${limit} KiB, which was reached ${full} times; ${killed} tasks were killed for it`,
          };
        },
        release: lift,
      };
    },
  },
  {
    ...base,
    name: 'disk-full',
    about: 'a file takes what is free in the file system',
    needs: ['root', 'module'],
    parameters: [{ name: 'leave', default: 0, unit: 'MiB', about: 'what stays free' }],
    arm: async (target, { leave }) => {
      const { output } = await shell(target, 'filling the file system', FILL, [target.mountPoint, leave ?? 0]);
      return {
        report: async () => ({ hits: 1, detail: `${output.trim()} bytes were left free` }),
        release: async () =>
          void (await shell(target, 'making room again', 'rm -f "$1/.vexfs-fault-full"', [target.mountPoint])),
      };
    },
  },
  {
    ...base,
    name: 'signals',
    about: 'tasks of the load are stopped and continued: what waits in a system call is woken before its time',
    needs: ['root'],
    parameters: [{ name: 'pause', default: 20, unit: 'ms', about: 'between two rounds' }],
    arm: (target, { pause }) =>
      armLoop(target, {
        name: 'signals',
        turn: `${TASKS_OF}tasks_of "$1"
for i in $(seq ${ROUNDS}); do kill -STOP $tasks; usleep "$2"; kill -CONT $tasks; usleep "$2"; done`,
        end: `${TASKS_OF}tasks_of "$1"; kill -CONT $tasks 2>/dev/null; true`,
        args: [target.load() ?? 0, Number(pause) * 1000],
        detail: (turns) => `the load was stopped and continued ${turns * ROUNDS} times`,
      }),
  },
  {
    ...base,
    name: 'killed-writers',
    about: 'programs that write are killed in the middle of it',
    needs: ['root', 'module'],
    parameters: [{ name: 'after', default: 30, unit: 'ms', about: 'how long each may write' }],
    arm: (target, { after }) =>
      armLoop(target, {
        name: 'killed-writers',
        turn: `dd if=/dev/zero of="$1/.vexfs-fault-writer" bs=4k count=2048 & usleep "$2"; kill -KILL $!; wait $!`,
        end: 'rm -f "$1/.vexfs-fault-writer"',
        args: [target.mountPoint, Number(after) * 1000],
        detail: (turns) => `${turns} writers were killed`,
      }),
  },
  {
    ...base,
    name: 'cpu-hotplug',
    about: 'CPUs but the first go offline and come back',
    needs: ['root', 'cpu-hotplug'],
    parameters: [{ name: 'pause', default: 100, unit: 'ms', about: 'between two changes' }],
    arm: (target, { pause }) =>
      armLoop(target, {
        name: 'cpu-hotplug',
        turn: `for state in 0 1; do
  for file in /sys/devices/system/cpu/cpu[1-9]*/online; do echo $state >"$file"; done
  usleep "$1"
done`,
        end: 'for file in /sys/devices/system/cpu/cpu[1-9]*/online; do echo 1 >"$file"; done 2>/dev/null; true',
        args: [Number(pause) * 1000],
        detail: (turns) => `CPUs went offline and came back ${turns} times`,
      }),
  },
  {
    ...base,
    name: 'clock-jump',
    about: 'the wall clock jumps forwards and backwards',
    needs: ['root'],
    parameters: [
      { name: 'step', default: 3600, unit: 's', about: 'how far' },
      { name: 'pause', default: 200, unit: 'ms', about: 'between two jumps' },
    ],
    arm: (target, { step, pause }) =>
      armLoop(target, {
        name: 'clock-jump',
        begin: CLOCK_BEGIN,
        turn: `for step in "$1" "-$1"; do ${CLOCK_SET}; usleep "$2"; done`,
        end: `step=0; [ ! -e "$mark.offset" ] || ${CLOCK_SET} >/dev/null`,
        args: [step ?? 0, Number(pause) * 1000],
        detail: (turns) => `the clock jumped by ${step} s and back ${turns} times`,
      }),
  },
  {
    ...base,
    name: 'console-flood',
    about: 'the kernel log is written to as fast as it goes',
    needs: ['root'],
    parameters: [{ name: 'seconds', default: 5, unit: 's', about: 'how long' }],
    arm: async (target, { seconds }) => {
      let seen = 0;
      const off = target.log((line) => {
        if (line.includes(FLOOD)) seen += 1;
      });
      const flood = {
        name: 'console-flood',
        begin:
          'cat /proc/sys/kernel/printk_devkmsg >"$mark.limit" && echo on >/proc/sys/kernel/printk_devkmsg; date +%s >"$mark.began"',
        // A turn is a second's worth at most: then the mark and the time are looked at.
        turn: `[ $(( $(date +%s) - $(cat "$mark.began") )) -lt "$1" ] || { usleep 100000; continue; }
for i in $(seq 100); do echo "<6>${FLOOD} $i aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"; done >/dev/kmsg`,
        end: '[ ! -e "$mark.limit" ] || cat "$mark.limit" >/proc/sys/kernel/printk_devkmsg; true',
        args: [seconds ?? 0],
        detail: (turns: number) =>
          `${turns * 100} lines were written to the kernel log, ${seen} of them were read here`,
      };
      const armed = await orUndo(() => armLoop(target, flood), off);
      return {
        report: armed.report,
        release: () => armed.release().finally(off),
      };
    },
  },
  {
    ...base,
    name: 'network-loss',
    about: 'packets are lost and late (tc netem)',
    needs: ['root', 'netem', 'network'],
    parameters: [
      { name: 'loss', default: 10, unit: '%', about: 'packets that are lost' },
      { name: 'delay', default: 100, unit: 'ms', about: 'by which the others are late' },
    ],
    arm: async (target, { loss, delay }) => {
      const tc = (what: string, words: string) =>
        shell(target, what, `${INTERFACE}; /tools/bin/tc ${words}`, [loss ?? 0, delay ?? 0]);
      await tc('degrading the network', 'qdisc replace dev "$interface" root netem loss "$1%" delay "$2ms"');
      return {
        report: async () => {
          const { output } = await tc('asking tc', '-s qdisc show dev "$interface"');
          const dropped = Number(/dropped (\d+)/.exec(output)?.[1] ?? 0);
          return { hits: dropped, detail: `${dropped} packets were dropped` };
        },
        release: async () =>
          void (await tc('mending the network', 'qdisc del dev "$interface" root 2>/dev/null; true')),
      };
    },
  },
];
