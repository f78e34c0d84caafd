import type { Finding } from '../model/event.ts';
import { word, words } from './words.ts';

/** Something that a report says, in words: a label of one word and a text. */
export interface Fact {
  readonly label: string;
  readonly text: string;
}

type Details = Readonly<Record<string, unknown>>;

/** Entries of a list that are named. */
const MAX_NAMED = 8;
/** Operations that are shown of those that a kernel printed. */
const MAX_OPERATIONS = 5;

/** What the details of a finding say beyond its title. Unknown details are passed over; the JSON formats have all. */
export function factsOf({ details, flight }: Pick<Finding, 'details' | 'flight'>): readonly Fact[] {
  const all = flight === undefined ? details : { ...details, flight };
  return ROWS.flatMap(([label, read]) => {
    const found = read(all);
    const texts = found === undefined ? [] : typeof found === 'string' ? [found] : found;
    return texts.map((text) => ({ label, text }));
  });
}

/** In the order in which a person asks. A row reads what `src/grammar/lines/` calls so. */
const ROWS: readonly (readonly [string, (details: Details) => string | readonly string[] | undefined])[] = [
  ['message', (d) => word(d.message)?.replaceAll('\n', ' / ')],
  ['access', access],
  ['access', (d) => list(d.accesses, (one) => access(one))],
  ['hint', (d) => words`${at(d, 'kasanHint').what} in ${at(d, 'kasanHint').from}-${at(d, 'kasanHint').to}`],
  ['value', (d) => words`${at(d, 'valueChange').before} → ${at(d, 'valueChange').after}`],
  ['object', (d) => object(at(d, 'object')) ?? word(d.cache)],
  ['variable', (d) => words`${at(d, 'variable').name}`],
  ['stack', (d) => words`offset ${at(d, 'onStack').offset} of the frame of ${at(d, 'onStack').frame}`],
  ['memory', (d) => words`bytes ${at(d, 'uninitialized').range} of ${at(d, 'uninitialized').of} are uninitialized`],
  ['bounds', (d) => words`index ${at(d, 'ubsan').index} of ${at(d, 'ubsan').type}`],
  ['shift', (d) => words`exponent ${at(d, 'ubsan').exponent}`],
  // What stands before a headline says it in the kernel's own words.
  [
    'list',
    (d) =>
      d.message === undefined
        ? words`${at(d, 'list').problem} ${at(d, 'list').expected}, but was ${at(d, 'list').found}`
        : undefined,
  ],
  ['refcount', (d) => (d.message === undefined ? words`${at(d, 'refcount').problem}` : undefined)],
  [
    'object',
    (d) => words`${at(d, 'debugObject').what} of an ${at(d, 'debugObject').state} ${at(d, 'debugObject').type}`,
  ],
  ['misuse', (d) => word(d.misuse)],
  ['atomic', (d) => words`in atomic: ${at(d, 'atomic').inAtomic}, interrupts off: ${at(d, 'atomic').irqsDisabled}`],
  ['preempt', (d) => words`count ${at(d, 'atomic').preemptCount}, expected ${at(d, 'atomic').preemptExpected}`],
  ['stuck', (d) => words`for ${d.seconds} s`],
  ['stall', (d) => words`of RCU ${d.flavour}, ${d.jiffies} jiffies`],
  ['stall', (d) => words`${at(d, 'kthread').name} starved for ${at(d, 'kthread').starved} jiffies`],
  ['waited', (d) => list(d.waits, wait)],
  ['queue', (d) => word(d.workqueue)],
  ['wants', (d) => lock(d.wants)],
  ['holds', (d) => lock(d.holds)],
  ['releases', (d) => lock(d.releases)],
  ['frees', (d) => lock(d.frees)],
  ['cycle', (d) => cycle(at(d, 'cycle').nodes)],
  ['usage', (d) => words`${at(d, 'usage').was}, now ${at(d, 'usage').now}`],
  ['held', (d) => list(d.locks, lock)],
  ['lock', (d) => words`owner ${at(d, 'spinlock').owner}, CPU ${at(d, 'spinlock').ownerCpu}`],
  ['killed', (d) => words`${at(d, 'killed').name}, ${at(d, 'killed').anonRssKb} kB of anonymous memory`],
  ['asked', (d) => words`${d.invoker}, order ${d.order}, ${d.gfp}`],
  ['copy', (d) => words`${at(d, 'usercopy').attempt} of ${at(d, 'usercopy').where}`],
  ['fs', (d) => word(d.fs)],
  ['device', (d) => word(d.device)],
  ['ip', (d) => word(d.ip)],
  ['injected', (d) => words`by ${at(d, 'injected').name}`],
  ['then', (d) => list(d.echoes, word)],
  ['send to', (d) => list(d.maintainers, (one) => (isRecord(one) ? words`${one.who} (${one.role})` : undefined))],
  ['lost', (d) => words`${d.lost} messages of the kernel within the report`],
  ['before', (d) => lastOperations(at(at(d, 'flight'), 'dumped').operations)],
];

/** Instructions before that of the CPU, and after it. */
const BEFORE = 3;
const AFTER = 2;

/** The instructions around that at which the CPU was, which begins with `>`; empty where code bytes were not read. */
export function instructionsOf({ details: { disassembly } }: Finding): readonly string[] {
  const lines = Array.isArray(disassembly) ? disassembly.flatMap((line) => word(line) ?? []) : [];
  const trap = lines.findIndex((line) => line.startsWith('>'));
  return trap < 0 ? [] : lines.slice(Math.max(0, trap - BEFORE), trap + 1 + AFTER);
}

/** `read of 8 bytes at 0xffff… by task 88, CPU 1`, as far as it is said. */
function access(value: unknown): string | undefined {
  if (!isRecord(value)) return undefined;
  const size = word(value.size);
  const what = [
    word(value.access) ?? '',
    size === undefined || value.access === undefined ? '' : `of ${size} byte${size === '1' ? '' : 's'}`,
    words`at ${value.address}` ?? '',
    words`by ${value.by} ${value.pid}` ?? '',
    words`on CPU ${value.cpu}` ?? '',
    words`in ${value.privilege} mode` ?? '',
  ].filter((part) => part !== '');
  return word(value.address) === undefined && word(value.access) === undefined ? undefined : what.join(' ');
}

/** `16 bytes inside a 128-byte object of cache kmalloc-128 at 0xffff…`. */
function object(value: Details): string | undefined {
  const name = words`${value.size}-byte object`;
  if (name === undefined) return undefined;
  const inside = words`${value.distance} bytes ${value.relation} a ` ?? '';
  return `${inside}${name}${words` of cache ${value.cache}` ?? ''}${words` at ${value.address}` ?? ''}`;
}

function lock(value: unknown): string | undefined {
  if (!isRecord(value)) return undefined;
  const { name, at, comm, pid } = value;
  const label = word(name);
  return label === undefined ? undefined : `${label}${words` at ${at}` ?? ''}${words` by ${comm}/${pid}` ?? ''}`;
}

/** `1501.2 ms asleep in msleep, called by vexfs_fault_slow_op [vexfs]`, `900 ms for lock inode.rwsem, held by vexload 142 in write`. */
function wait(value: unknown): string | undefined {
  if (!isRecord(value)) return undefined;
  const stack = Array.isArray(value.stack) ? value.stack.map((frame) => word(frame) ?? '') : [];
  // The innermost frame of a module.
  const caller = stack.findIndex((frame) => frame.endsWith(']'));
  const from = caller > 0 || (caller === 0 && value.for === 'lock') ? `, called by ${stack[caller]}` : '';
  const held = words`, held by ${at(value, 'heldBy').comm} ${at(value, 'heldBy').pid}` ?? '';
  const op = words` in ${at(value, 'heldBy').op}` ?? '';
  const times = word(value.times) === '1' ? '' : (words` in ${value.times} waits` ?? '');
  const what = value.for === 'lock' ? words`for lock ${value.name}` : words`asleep in ${value.name}`;
  return what === undefined ? undefined : words`${value.ms} ms ${what}`?.concat(times, held, op, from);
}

/** Back to where it began. */
function cycle(nodes: unknown): string | undefined {
  const names = list(nodes, word) ?? [];
  return names.length === 0 ? undefined : [...names, names[0]].join(' → ');
}

function list(value: unknown, read: (entry: unknown) => string | undefined): readonly string[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const texts = value
    .slice(0, MAX_NAMED)
    .map((entry) => read(entry))
    .filter((text) => text !== undefined);
  return value.length > MAX_NAMED ? [...texts, `and ${value.length - MAX_NAMED} more`] : texts;
}

/** The module's last operations that the kernel printed, those that still ran at the end. */
function lastOperations(value: unknown): readonly string[] | undefined {
  if (!Array.isArray(value)) return undefined;
  return value.slice(-MAX_OPERATIONS).flatMap((one) => {
    if (!isRecord(one)) return [];
    const ended = words`returned ${one.ret} after ${microseconds(one.ns)} µs`;
    return (
      words`${one.op} of inode ${one.ino} by ${one.comm} ${one.pid} on CPU ${one.cpu}: ${ended ?? 'still running'}` ??
      []
    );
  });
}

function microseconds(ns: unknown): number | undefined {
  return typeof ns === 'number' ? Math.round(ns / 1e3) : undefined;
}

function at(details: Details, name: string): Details {
  const value = details[name];
  return isRecord(value) ? value : {};
}

function isRecord(value: unknown): value is Details {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
