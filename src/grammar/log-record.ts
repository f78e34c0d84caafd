import { namedPriority, readPriority } from './priority.ts';
import { linesOf, lostRecord, type RecordLine, type RecordPlace, type Said } from './record-line.ts';
import { isoOf } from './wall-prefix.ts';

type Field = (name: string) => string | undefined;

/** An object of `dmesg --json` or `journalctl -o json` as lines; none when it is of neither. */
export function readJsonRecord(json: string | null, place: RecordPlace): readonly RecordLine[] {
  if (json === null) return [lostRecord(place)];
  let object: Readonly<Record<string, unknown>>;
  try {
    object = JSON.parse(json) as typeof object;
  } catch {
    return [];
  }
  if (typeof object.msg === 'string' && object.pri !== undefined) return linesOf(object.msg, ofDmesg(object), place);
  const message = textOf(object.MESSAGE);
  return message === undefined
    ? []
    : linesOf(
        message,
        ofJournal((name) => textOf(object[name])),
        place,
      );
}

/** An entry of `journalctl -o export` as lines. */
export function readJournalEntry(fields: ReadonlyMap<string, Buffer>, place: RecordPlace): readonly RecordLine[] {
  const field: Field = (name) => fields.get(name)?.toString('utf8');
  const message = field('MESSAGE');
  return message === undefined ? [] : linesOf(message, ofJournal(field), place);
}

/** util-linux sys-utils/dmesg.c print_record: `pri` is a number, or with -x a name beside `fac`. */
function ofDmesg({ pri, fac, time, caller }: Readonly<Record<string, unknown>>): Said {
  const priority =
    typeof pri === 'number' ? readPriority(pri) : namedPriority(typeof fac === 'string' ? fac : 'kern', String(pri));
  return {
    ident: 'kernel',
    ...priority,
    ...(Number.isFinite(time) && { time: time as number }),
    ...(typeof caller === 'string' && { caller }),
  };
}

/**
 * systemd.journal-fields(7). The kernel's own time is `_SOURCE_MONOTONIC_TIMESTAMP`; the entry's is when journald received it,
 * which may be much later.
 */
function ofJournal(field: Field): Said {
  const usec = Number(field('_SOURCE_MONOTONIC_TIMESTAMP'));
  const priority = Number(field('PRIORITY'));
  const wall = isoOf(Number(field('_SOURCE_REALTIME_TIMESTAMP') ?? field('__REALTIME_TIMESTAMP')));
  const boot = field('_BOOT_ID');
  const ident =
    field('SYSLOG_IDENTIFIER') ?? field('_COMM') ?? (field('_TRANSPORT') === 'kernel' ? 'kernel' : 'unknown');
  return {
    ident,
    ...(Number.isFinite(usec) && { time: usec / 1e6 }),
    ...(Number.isInteger(priority) && { level: priority & 7 }),
    ...(wall !== undefined && { wall }),
    ...(boot !== undefined && { boot }),
  };
}

/** A value is a text, the bytes of one that is no UTF-8, or a list of both where a field stands several times. */
function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  if (!Array.isArray(value)) return undefined;
  return typeof value[0] === 'number' ? Buffer.from(value as number[]).toString('utf8') : textOf(value[0]);
}
