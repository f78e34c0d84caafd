import type { FaultRow, Parameter, Params } from './row.ts';
import { type FaultTarget, orUndo, shell } from './target.ts';

/** No udev runs in the guest: dmsetup makes the nodes by itself. */
const DMSETUP = `DM_DISABLE_UDEV=1; export DM_DISABLE_UDEV
dm() { /tools/bin/dmsetup "$@"; }
`;

/**
 * What stands in the table of the device (Documentation/admin-guide/device-mapper/{linear,delay,dm-flakey}.rst). `SIZE` and `DISK`
 * are filled in from the table that it had: `0 SIZE linear DISK OFFSET`.
 */
const RELOAD = `${DMSETUP}name=\${1##*/} saved=/tmp/vexfs-faults/table
mkdir -p "\${saved%/*}"
[ -e "$saved" ] || dm table "$name" >"$saved" || exit 1
read -r start size type disk offset <"$saved"
table=$(echo "$2" | sed "s|SIZE|$size|; s|DISK|$disk $offset|")
dm suspend --noflush --nolockfs "$name" && dm load "$name" --table "$table"
loaded=$?
dm resume "$name" && exit $loaded`;

const RESTORE = `${DMSETUP}name=\${1##*/} saved=/tmp/vexfs-faults/table
[ -e "$saved" ] || exit 0
dm suspend --noflush --nolockfs "$name"; dm load "$name" <"$saved"; dm resume "$name" && rm -f "$saved"`;

/** Requests that the device has done: the first and fifth of its figures (Documentation/block/stat.rst). */
const REQUESTS = `${DMSETUP}number=$(dm info -c --noheadings --separator : -o major,minor "\${1##*/}") || exit 1
read -r reads x x x writes x <"/sys/dev/block/$number/stat" && echo $((reads + writes))`;

async function requestsOf(target: FaultTarget, dm: string): Promise<number> {
  const { output } = await shell(target, 'counting requests', REQUESTS, [dm]);
  return Number.parseInt(output, 10) || 0;
}

/** `struck` says which of both figures tells how often it struck. */
function device(
  row: Pick<FaultRow, 'name' | 'about' | 'needs' | 'parameters'>,
  table: (params: Params) => string,
  struck: 'requests' | 'errors' = 'errors',
): FaultRow {
  return {
    ...row,
    group: 'environment',
    leaves: 'working',
    needs: ['root', 'block-device', ...row.needs],
    arm: async (target, params) => {
      const dm = target.device ?? '';
      let errors = 0;
      const off = target.log((line) => {
        if (line.includes('I/O error')) errors += 1;
      });
      const release = async () => {
        off();
        await shell(target, `releasing ${row.name}`, RESTORE, [dm]);
      };
      await orUndo(() => shell(target, `arming ${row.name}`, RELOAD, [dm, table(params)]), off);
      const before = await orUndo(() => requestsOf(target, dm), release);
      return {
        report: async () => {
          const requests = (await requestsOf(target, dm)) - before;
          const detail = `${requests} requests; ${errors} lines of the log tell of I/O errors`;
          return { hits: struck === 'requests' ? requests : errors, detail };
        },
        release,
      };
    },
  };
}

const seconds = (name: string, value: number, about: string): Parameter => ({ name, default: value, unit: 's', about });

export const DEVICE_ROWS: readonly FaultRow[] = [
  device(
    {
      name: 'slow-device',
      about: 'every request to the block device takes longer (dm-delay)',
      needs: ['dm-delay'],
      parameters: [{ name: 'delay', default: 200, unit: 'ms', about: 'by how much' }],
    },
    ({ delay }) => `0 SIZE delay DISK ${delay}`,
    'requests',
  ),
  device(
    {
      name: 'failing-device',
      about: 'every request to the block device fails (dm-error)',
      needs: ['dm-error'],
      parameters: [],
    },
    () => '0 SIZE error',
  ),
  device(
    {
      name: 'failing-writes',
      about: 'writes to the block device fail, reads do not (dm-flakey, error_writes)',
      needs: ['dm-flakey'],
      parameters: [],
    },
    () => '0 SIZE flakey DISK 0 1000000 1 error_writes',
  ),
  device(
    {
      name: 'lost-writes',
      about: 'writes to the block device succeed and are not made (dm-flakey, drop_writes)',
      needs: ['dm-flakey'],
      parameters: [],
    },
    () => '0 SIZE flakey DISK 0 1000000 1 drop_writes',
  ),
  device(
    {
      name: 'flakey-device',
      about: 'the block device works and fails by turns (dm-flakey)',
      needs: ['dm-flakey'],
      parameters: [seconds('up', 3, 'how long it works'), seconds('down', 1, 'how long it fails')],
    },
    ({ up, down }) => `0 SIZE flakey DISK ${up} ${down}`,
  ),
];
