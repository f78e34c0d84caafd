import { SEVERITIES } from '../model/classification.ts';
import { NETWORK_KINDS } from '../model/network.ts';
import { THRESHOLDS, type Threshold } from '../model/thresholds.ts';
import type { TypedRow, Values, ValueType } from './value-types.ts';

/** One option: its key in a file, and from that its name in the environment; its flag; what it holds. */
export interface OptionRow extends TypedRow {
  /** As the help shows it. Absent: it is given by the flag of its section (`SECTION_FLAGS`). */
  readonly flag?: string;
  readonly about: string;
  /** As it would be written. */
  readonly default?: string;
  /** A path in a file is meant from the folder of that file: always, or where it has a slash. What has `://` is no path. */
  readonly relative?: 'always' | 'with-slash';
  /** It names a program that runs on this machine: not taken from a file that others may have written. */
  readonly runsHere?: true;
}

/** Flags that give one key of a section: `--threshold hang=60s`. */
export const SECTION_FLAGS = {
  thresholds: { flag: '--threshold <name=limit>', about: 'another limit of a test, such as hang=90s (repeatable)' },
  levels: { flag: '--level-option <level.key=value>', about: 'a level otherwise, such as 1.seconds=120 (repeatable)' },
  hooks: {
    flag: '--hook <name=command>',
    about: 'a program to run here, as a JSON list: before-run=["logger","run"] (repeatable)',
  },
} as const;
export type SectionWithFlag = keyof typeof SECTION_FLAGS;

const HOOK_EVENTS = {
  'before-run': 'before the run',
  'after-run': 'when the run has ended',
  'before-test': 'before each test',
  'after-test': 'after each test',
  'on-finding': 'for each finding',
} as const;
export type HookEvent = keyof typeof HOOK_EVENTS;

const LEVELS = ['1', '2', '3'] as const;
const LEVEL_KEYS = {
  seconds: { type: 'count', about: 'how long each test works' },
  workers: { type: 'count', about: 'threads of the load' },
  cycles: { type: 'count', about: 'rounds of each test that goes round' },
  tests: { type: 'list', about: 'names of the tests' },
} as const satisfies Record<string, OptionRow>;

const UNIT_TYPES = { ms: 'duration', bytes: 'bytes', ratio: 'ratio' } as const satisfies Record<string, ValueType>;

type LevelKey = `levels.${(typeof LEVELS)[number]}.${keyof typeof LEVEL_KEYS}`;
type ThresholdKey = `thresholds.${Threshold}`;
type HookKey = `hooks.${HookEvent}`;

/**
 * Every option that can be given by flag, environment and file. Flags, names in the environment, the schema of the file and its page
 * (docs/configuration.md) all come from here.
 */
const PLAIN = {
  kernel: {
    type: 'text',
    flag: '--kernel <name|path>',
    default: 'stock',
    relative: 'with-slash',
    about: '`stock`, a Debian release such as 6.12, a profile such as kasan, a folder with bzImage, or an image',
  },
  'module.path': {
    type: 'text',
    flag: '--module <file.ko>',
    relative: 'always',
    about: 'your own module instead of the built-in vexfs',
  },
  'module.fstype': {
    type: 'text',
    flag: '--fstype <name>',
    about: 'file system that the module registers (default: its name)',
  },
  'module.params': { type: 'text', flag: '--params <text>', about: 'parameters of your module' },
  'guest.cpus': { type: 'count', flag: '--cpus <n>', default: '2', about: 'CPUs of the guest' },
  'guest.memory': { type: 'count', flag: '--memory <MiB>', about: 'memory of the guest' },
  'guest.accel': {
    type: 'choice',
    flag: '--accel <kind>',
    values: ['kvm', 'tcg'],
    about: 'accelerator; chosen by trying when not given',
  },
  'guest.disk': {
    type: 'text',
    flag: '--disk <image>',
    relative: 'always',
    about: 'disk that the file system is on (an overlay is used, the image stays as it is)',
  },
  'guest.diskSize': { type: 'text', flag: '--disk-size <size>', about: 'a new disk of this size, such as 64M' },
  'guest.mkfs': {
    type: 'text',
    flag: '--mkfs <program>',
    relative: 'with-slash',
    runsHere: true,
    about: 'formats the new disk; gets the path of the image',
  },
  'guest.network': {
    type: 'choice',
    flag: '--network <kind>',
    values: NETWORK_KINDS,
    default: 'none',
    about: 'network of the guest: a card that leads nowhere, or to all that this machine reaches',
  },
  patterns: {
    type: 'list',
    flag: '--patterns <path>',
    separator: ':',
    relative: 'always',
    about: 'more patterns: a folder or file (repeatable)',
  },
  allowActions: {
    type: 'actions',
    flag: '--allow-actions <action,...|all|none>',
    about: 'what patterns may ask for in a guest of ours (default: all but inject-nmi, reset-guest and cold-boot)',
  },
  'output.format': {
    type: 'choice',
    flag: '--format <format>',
    values: ['text', 'ndjson'],
    default: 'text',
    about: 'how events are written',
  },
  'output.failOn': {
    type: 'choice',
    flag: '--fail-on <severity>',
    values: [...SEVERITIES, 'none'],
    default: 'major',
    about: 'least severity that makes the exit code 1',
  },
  'output.capture': {
    type: 'text',
    flag: '--capture <folder>',
    relative: 'always',
    about: 'where the run is recorded (default: captures/RUN)',
  },
  store: {
    type: 'text',
    flag: '--store <file|url>',
    relative: 'always',
    about: 'where runs are kept: a file, or postgresql://… (default: store.sqlite in ~/.local/share/vexfs-trace)',
  },
  'metrics.file': {
    type: 'text',
    flag: '--metrics-file <path>',
    relative: 'always',
    about: "write metrics there, for node_exporter's textfile collector",
  },
  'metrics.interval': {
    type: 'duration',
    flag: '--metrics-interval <time>',
    default: '15s',
    about: 'how often metrics are written at most',
  },
  'alerts.rules': {
    type: 'list',
    flag: '--alerts <file>',
    separator: ':',
    relative: 'with-slash',
    about: 'tell of what these rules of alerts say: a file, or built-in (repeatable)',
  },
  'alerts.commands': {
    type: 'list',
    flag: '--alert-command <program>',
    separator: ':',
    relative: 'with-slash',
    runsHere: true,
    about: 'a program that rules of alerts may run (repeatable)',
  },
} as const satisfies Readonly<Record<string, OptionRow>>;

const LAST = {
  'hooks.timeout': { type: 'duration', default: '30s', about: 'how long a hook may take' },
} as const satisfies Readonly<Record<string, OptionRow>>;

type Plain = typeof PLAIN & typeof LAST;
export type Key = keyof Plain | LevelKey | ThresholdKey | HookKey;

export const OPTION_TABLE: Readonly<Record<Key, OptionRow>> = {
  ...PLAIN,
  ...fromEntries(
    LEVELS.flatMap((level) =>
      Object.entries(LEVEL_KEYS).map(([name, row]) => [`levels.${level}.${name}` as LevelKey, row] as const),
    ),
  ),
  ...fromEntries(
    Object.entries(THRESHOLDS).map(
      ([name, { unit, limit, about }]) =>
        [
          `thresholds.${name}` as ThresholdKey,
          { type: UNIT_TYPES[unit], default: written(unit, limit), about },
        ] as const,
    ),
  ),
  ...fromEntries(
    Object.entries(HOOK_EVENTS).map(
      ([name, about]) =>
        [
          `hooks.${name}` as HookKey,
          { type: 'argv', runsHere: true, about: `a program to run here ${about}` },
        ] as const,
    ),
  ),
  ...LAST,
};

export const KEYS = Object.keys(OPTION_TABLE) as Key[];

/** What a program gets for a key. */
export type ValueOf<K extends Key> = K extends keyof Plain
  ? Plain[K] extends { readonly type: 'choice'; readonly values: readonly (infer V)[] }
    ? V | (Plain[K] extends { readonly default: string } ? never : undefined)
    : Values[Plain[K]['type']] | (Plain[K] extends { readonly default: string } ? never : undefined)
  : K extends ThresholdKey
    ? number
    : K extends HookKey
      ? Values['argv'] | undefined
      : K extends `levels.${string}.tests`
        ? Values['list'] | undefined
        : number | undefined;

/** `guest.diskSize`, `thresholds.mount-average`: `VEXFS_TRACE_GUEST_DISK_SIZE`, `VEXFS_TRACE_THRESHOLDS_MOUNT_AVERAGE`. */
export function environmentName(key: Key): string {
  const words = key.replaceAll(/[A-Z]/g, (letter) => `_${letter}`).replaceAll(/[.-]/g, '_');
  return `VEXFS_TRACE_${words.toUpperCase()}`;
}

/** Where a key has no flag of its own: the one of its section, and what stands before the `=` there. */
export function sectionOf(key: Key): { readonly section: SectionWithFlag; readonly name: string } | undefined {
  const dot = key.indexOf('.');
  const section = key.slice(0, dot);
  return OPTION_TABLE[key].flag === undefined && Object.hasOwn(SECTION_FLAGS, section)
    ? { section: section as SectionWithFlag, name: key.slice(dot + 1) }
    : undefined;
}

function written(unit: 'ms' | 'bytes' | 'ratio', limit: number): string {
  if (unit === 'ms') return limit % 1000 === 0 ? `${limit / 1000}s` : `${limit}ms`;
  if (unit === 'bytes') return limit % (1 << 20) === 0 ? `${limit >> 20}MiB` : String(limit);
  return String(limit);
}

function fromEntries<K extends string>(entries: readonly (readonly [K, OptionRow])[]): Record<K, OptionRow> {
  return Object.fromEntries(entries) as Record<K, OptionRow>;
}
