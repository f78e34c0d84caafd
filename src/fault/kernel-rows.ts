import type { Capability } from '../model/capability.ts';
import { countHits } from './hits.ts';
import type { FaultRow, Parameter, Params } from './row.ts';
import { type Armed, type FaultTarget, orUndo, shell } from './target.ts';
import { TASKS_OF } from './tasks.ts';

/** What every point of lib/fault-inject.c has (Documentation/fault-injection/fault-injection.rst). */
const COMMON: readonly Parameter[] = [
  { name: 'probability', default: 10, unit: '%', about: 'how likely a call fails' },
  { name: 'interval', default: 1, unit: '', about: 'every so-manieth of the calls that may fail is looked at' },
  { name: 'times', default: 100, unit: '', about: 'failures at most; -1 for no limit' },
  { name: 'space', default: 0, unit: '', about: 'size of the calls that succeed before the first may fail' },
  {
    name: 'verbose',
    default: 2,
    unit: '',
    about: '0 silent, 1 a line a failure, 2 with the stack that tells whose it was',
  },
];

/**
 * Calls that may sleep and those for high memory are passed over unless told otherwise, and so are single pages: hardly a
 * call of a file system would fail. Each file is there on some points only.
 */
export const OPEN_POINT = `open_point() {
  for file in ignore-gfp-wait ignore-gfp-highmem cache-filter; do
    [ ! -e "$1/$file" ] || echo N >"$1/$file"
  done
  [ ! -e "$1/min-order" ] || echo 0 >"$1/min-order"
}
`;

/** Only tasks of the load are hit: neither the agent nor init. The probability comes last, when all else is right. */
const ARM = `${TASKS_OF}${OPEN_POINT}
point=/sys/kernel/debug/$1
cd "$point" || exit 1
echo 0 >probability
open_point "$point"
echo Y >task-filter && echo "$3" >interval && echo "$4" >times && echo "$5" >space && echo "$6" >verbose || exit 1
tasks_of "$7"
marked=0
for pid in $tasks; do
  for file in "/proc/$pid"/task/*/make-it-fail; do
    echo 1 2>/dev/null >"$file" && marked=$((marked + 1))
  done
done
echo "$2" >probability || exit 1
echo "$marked"`;

/** Also where a restore has undone everything; children of the load that are not born yet are marked by their parents. */
const RELEASE = `point=/sys/kernel/debug/$1
[ -d "$point" ] || exit 0
echo 0 >"$point/probability"; echo N >"$point/task-filter"; echo 1 >"$point/times"
for file in /proc/[0-9]*/task/*/make-it-fail; do echo 0 >"$file"; done 2>/dev/null
true`;

async function armPoint(target: FaultTarget, dir: string, params: Params): Promise<Armed> {
  const counts = countHits(target, dir);
  const settings = COMMON.map(({ name }) => String(params[name]));
  const release = async () => {
    counts.stop();
    await shell(target, `releasing ${dir}`, RELEASE, [dir]);
  };
  const { output } = await orUndo(
    () => shell(target, `arming ${dir}`, ARM, [dir, ...settings, target.load() ?? 0]),
    release,
  );
  const marked = Number(output.trim());
  return {
    report: async () => ({
      hits: counts.hits,
      inModule: counts.inModule,
      detail: `${counts.hits} calls failed, ${counts.inModule} of them with ${target.module} on the stack; ${marked} tasks were marked`,
    }),
    release,
  };
}

/** What must be said beside the numbers, and taken back: a function to inject into, a device that fails. */
interface Beside {
  readonly parameters?: readonly Parameter[];
  readonly arm: string;
  readonly release: string;
  args(target: FaultTarget, params: Params): readonly string[];
}

function point(dir: string, needs: readonly Capability[], about: string, beside?: Beside): FaultRow {
  return {
    name: dir.replaceAll('_', '-').replace('fail-slab', 'failslab'),
    group: 'kernel',
    about,
    needs: ['root', ...needs],
    parameters: [...COMMON, ...(beside?.parameters ?? [])],
    leaves: 'working',
    arm: async (target, params) => {
      const args = beside?.args(target, params) ?? [];
      if (beside === undefined) return armPoint(target, dir, params);
      const undo = async () => void (await shell(target, `releasing ${dir}`, beside.release, args));
      const armed = await orUndo(async () => {
        await shell(target, `arming ${dir}`, beside.arm, args);
        return armPoint(target, dir, params);
      }, undo);
      return { report: armed.report, release: () => armed.release().finally(undo) };
    },
  };
}

/** By its number: nodes of the device-mapper have names of their own. */
const DISK_OF = 'disk=/sys/dev/block/$((0x$(stat -L -c %t "$1"))):$((0x$(stat -L -c %T "$1")))\n';

export const KERNEL_ROWS: readonly FaultRow[] = [
  point('failslab', ['failslab'], 'allocations of small objects fail (mm/failslab.c)'),
  point('fail_page_alloc', ['fail-page-alloc'], 'allocations of pages fail (mm/page_alloc.c)'),
  point('fail_usercopy', ['fail-usercopy'], 'copies from and to user memory fail (lib/fault-inject-usercopy.c)'),
  point(
    'fail_make_request',
    ['fail-make-request', 'block-device'],
    'requests to the block device fail (block/blk-core.c)',
    {
      arm: `${DISK_OF}echo 1 >"$disk/make-it-fail"`,
      release: `${DISK_OF}echo 0 2>/dev/null >"$disk/make-it-fail"; true`,
      args: ({ device }) => [device ?? ''],
    },
  ),
  point(
    'fail_function',
    ['fail-function', 'kprobes'],
    'a function that allows it returns an error (kernel/fail_function.c)',
    {
      parameters: [
        {
          name: 'function',
          default: '__filemap_add_folio',
          unit: '',
          about: 'one that /sys/kernel/debug/fail_function/injectable lists',
        },
        { name: 'errno', default: 12, unit: '', about: 'what it returns, as a negative number; 12 is ENOMEM' },
      ],
      arm: 'cd /sys/kernel/debug/fail_function && echo "$1" >inject && printf "%#x" "-$2" >"$1/retval"',
      release: 'cd /sys/kernel/debug/fail_function 2>/dev/null && echo "!$1" >inject; true',
      args: (_, params) => [String(params.function), String(params.errno)],
    },
  ),
];
