import type { Finding } from '../model/event.ts';

/** Something that a report says, in words: a label of one word and a text. */
export interface Fact {
  readonly label: string;
  readonly text: string;
}

type Details = Readonly<Record<string, unknown>>;

/** Entries of a list that are named. */
const MAX_NAMED = 8;

/** What the details of a finding say beyond its title. Unknown details are passed over; the JSON formats have all. */
export function factsOf({ details }: Finding): readonly Fact[] {
  return ROWS.flatMap(([label, read]) => {
    const found = read(details);
    const texts = found === undefined ? [] : typeof found === 'string' ? [found] : found;
    return texts.map((text) => ({ label, text }));
  });
}

/** In the order in which a person asks. A row reads what the tables of the grammar call so. */
const ROWS: readonly (readonly [string, (details: Details) => string | readonly string[] | undefined])[] = [
  ['message', (d) => word(d.message)?.replaceAll('\n', ' / ')],
  ['hint', (d) => word(d.hint)],
  ['access', access],
  ['access', (d) => list(d.accesses, (one) => (isRecord(one) ? access(one) : undefined))],
  ['value', (d) => pair(d.before, d.after)],
  ['object', object],
  ['variable', (d) => word(d.variable)],
  ['bounds', (d) => say`index ${d.index} of ${d.type}`],
  ['shift', (d) => say`exponent ${d.exponent}`],
  ['list', (d) => word(d.listRest)],
  ['refcount', (d) => word(d.refcountRest)],
  ['object', (d) => word(d.objectRest)],
  ['misuse', (d) => word(d.misuse)],
  ['atomic', (d) => say`in atomic: ${d.inAtomic}, interrupts off: ${d.irqsDisabled}`],
  ['preempt', (d) => say`count ${d.preemptCount}, expected ${d.preemptExpected}`],
  ['task', (d) => word(d.task)],
  ['since', (d) => say`${d.seconds} s`],
  ['state', (d) => word(d.state)],
  ['stall', (d) => say`RCU flavour ${d.flavour}`],
  ['queue', (d) => word(d.queue)],
  ['wants', (d) => lock(d.wants)],
  ['holds', (d) => lock(d.holds)],
  ['cycle', cycle],
  ['held', (d) => list(d.locks, lock)],
  ['lock', (d) => say`owner ${d.lockOwner}, CPU ${d.lockCpu}`],
  ['killed', (d) => say`${d.victim}, ${d.anonRssKb} kB of anonymous memory`],
  ['asked', (d) => say`order ${d.order}, ${d.gfp}`],
  ['fs', (d) => word(d.fs)],
  ['device', (d) => word(d.device)],
  ['ip', (d) => word(d.ip)],
  ['then', (d) => list(d.echoes, word)],
  ['lost', (d) => say`${d.lost} messages of the kernel within the report`],
];

function access(d: Details): string | undefined {
  const address = word(d.address);
  const at = address === undefined ? '' : ` at ${address}`;
  const mode = word(d.mode);
  const size = word(d.size);
  if (mode !== undefined && size !== undefined) {
    const who = [word(d.by), say`CPU ${d.cpu}`].filter((part) => part !== undefined).join(', ');
    return `${mode.toLowerCase()} of ${size} byte${size === '1' ? '' : 's'}${at}${who === '' ? '' : ` by ${who}`}`;
  }
  const fault = word(d.fault);
  if (fault !== undefined) return `${fault}${at}`;
  return address === undefined ? undefined : `address ${address}`;
}

function object(d: Details): string | undefined {
  const cache = word(d.cache);
  const from = cache === undefined ? '' : ` of cache ${cache}`;
  const at = word(d.object) === undefined ? '' : ` at ${d.object}`;
  if (word(d.objectSize) === undefined) return cache === undefined ? undefined : `${cache}${at}`;
  const whole = `${d.objectSize}-byte object${from}${at}`;
  return word(d.distance) === undefined ? whole : `${d.distance} bytes ${word(d.relation) ?? 'from'} the ${whole}`;
}

function lock(value: unknown): string | undefined {
  if (!isRecord(value)) return undefined;
  const name = word(value.name);
  if (name === undefined) return undefined;
  const by = say`${value.task}/${value.pid}`;
  return `${name}${say` taken at ${value.at}` ?? ''}${by === undefined ? '' : ` by ${by}`}`;
}

/** From the lock that is wanted, over those that depend on it, back to it (kernel/locking/lockdep.c print_circular_bug). */
function cycle({ chain }: Details): string | undefined {
  if (!Array.isArray(chain)) return undefined;
  const names = chain
    .map((link) => (isRecord(link) ? word(link.name) : undefined))
    .filter((name) => name !== undefined);
  const [last] = names.slice(-1);
  return last === undefined ? undefined : [...names.toReversed().slice(0, MAX_NAMED), last].join(' → ');
}

function pair(before: unknown, after: unknown): string | undefined {
  return say`${before} → ${after}`;
}

function list(value: unknown, read: (entry: unknown) => string | undefined): readonly string[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const texts = value
    .slice(0, MAX_NAMED)
    .map((entry) => read(entry))
    .filter((text) => text !== undefined);
  return value.length > MAX_NAMED ? [...texts, `and ${value.length - MAX_NAMED} more`] : texts;
}

/** A sentence with values, undefined when one of them is missing. */
function say(parts: TemplateStringsArray, ...values: readonly unknown[]): string | undefined {
  const words = values.map(word);
  return words.includes(undefined) ? undefined : parts.map((part, i) => `${part}${words[i] ?? ''}`).join('');
}

function word(value: unknown): string | undefined {
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function isRecord(value: unknown): value is Details {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
