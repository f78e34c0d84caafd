import type { RawLine } from '../base/lines.ts';
import type { LogLine } from '../model/line.ts';

/** What a collector says of a message beside its text. */
export type Said = Partial<Pick<LogLine, 'time' | 'level' | 'ident' | 'wall' | 'caller' | 'boot'>>;

/** A line of a message that came in a record of a collector; its place is that of the record. */
export interface RecordLine extends RawLine {
  readonly said?: Said;
}

/** Where a record stands in its stream. */
export type RecordPlace = Pick<RawLine, 'byte' | 'endByte' | 'line'>;

/** More lines than that are in no message of the kernel. */
const MAX_LINES = 1024;

/** The lines of a message, each with what the record says. */
export function linesOf(message: string, said: Said, place: RecordPlace): RecordLine[] {
  return message.split('\n', MAX_LINES).map((text) => ({ ...place, text, cut: false, said }));
}

/** A record too long to be kept: a line of no text that says so. */
export function lostRecord(place: RecordPlace): RecordLine {
  return { ...place, text: '', cut: true, said: {} };
}
