import { LineSplitter, MAX_LINE_BYTES, type RawLine, type StreamPlace } from '../base/lines.ts';
import type { Stream } from '../model/chunk.ts';
import type { LogLine } from '../model/line.ts';
import { Continuations } from './continuations.ts';
import { JournalExport } from './journal-export.ts';
import { JsonObjects } from './json-objects.ts';
import { KmsgRecords } from './kmsg-records.ts';
import { FORM_REACH, formOf, type LogForm } from './log-form.ts';
import { type LogLineOptions, readLogLine } from './log-line.ts';
import { readJournalEntry, readJsonRecord } from './log-record.ts';
import type { RecordLine } from './record-line.ts';

const LINE_END = /\r?\n$/;
/** A line that goes on with the message before it, or is a property of its record, begins so. */
const BLANK = /^(?: |$)/;

export interface LogLinesOptions {
  readonly stream: Stream;
  readonly file?: string;
  /** True: lines carry the time of their arrival. */
  readonly live: boolean;
  /** Which prefixes of lines are known; `all` unless given. */
  readonly forms?: 'all' | 'console';
  readonly onLine: (line: LogLine, raw: RawLine) => void;
}

/** On the live device what a person writes there counts as the kernel's: so a watch is tried out. Services have facilities of their own. */
function byRoot({ ident, ...line }: LogLine): LogLine {
  return ident === undefined || ident === 'user' ? line : { ...line, ident };
}

/** What journalctl writes between two boots (systemd src/journal/journalctl.c show). */
const BOOT = /^-- (?:Boot ([0-9a-f]{32})|Reboot) --$/;

/**
 * Bytes of a kernel log to its lines, whatever its chunks. A file may come from any collector: how its messages stand in it shows at
 * its beginning; what stands before a message shows in each line.
 */
export class LogLines {
  readonly #options: LogLinesOptions;
  /** Made for a file, not for each of its lines. */
  #sameForAll: LogLineOptions;
  #splitter = new LineSplitter();
  #records = new KmsgRecords();
  #continued = new Continuations();
  #objects = new JsonObjects();
  #entries = new JournalExport();
  /** Undefined while too little has come to tell; that waits in `#head`. */
  #form: LogForm | undefined;
  #head: Uint8Array[] = [];
  #headBytes = 0;
  #observed = 0;
  readonly #decoder = new TextDecoder('utf-8', { ignoreBOM: true });

  constructor(options: LogLinesOptions) {
    this.#options = options;
    this.#sameForAll = this.#optionsOf(options.file);
    if (options.stream !== 'file') this.#form = 'lines';
  }

  push(bytes: Uint8Array, observed: number): void {
    this.#observed = observed;
    if (this.#form === undefined) this.#begin(bytes);
    else this.#read(bytes, this.#form);
  }

  /** What stands behind the last line end is a line, and what comes next is another log. */
  end(): void {
    this.#decide(true);
    this.#splitter.flush((raw) => this.#raw(raw));
    this.#entries.flush((fields, place) => this.#emit(readJournalEntry(fields, place)));
    this.#records = new KmsgRecords();
    this.#continued.clear();
  }

  /** No more comes for a while: what is there must do to tell the form. */
  settle(): void {
    this.#decide(true);
  }

  /** What comes next stands at another place: in another file, or elsewhere in this one. */
  moveTo(file: string | undefined, place: StreamPlace): void {
    this.end();
    this.#splitter = new LineSplitter(MAX_LINE_BYTES, place);
    this.#objects = new JsonObjects(place);
    this.#entries = new JournalExport(place);
    this.#sameForAll = this.#optionsOf(file);
  }

  /** True when whole lines that come next may be passed over. */
  get canSkip(): boolean {
    return this.#form === 'lines' && this.#splitter.atLineStart;
  }

  /** Passes over so many bytes, which are so many whole lines. Needs `canSkip`. */
  skip(bytes: number, lines: number): void {
    this.#splitter.skip(bytes, lines);
    this.#continued.clear();
  }

  /** What a whole line is by itself; undefined where those before it have a say, or where it says more than its text. */
  alone(bytes: Uint8Array): LogLine | undefined {
    const text = this.#decoder.decode(bytes).replace(LINE_END, '');
    const line = this.#line({ byte: 0, endByte: bytes.length, line: 0, text, cut: false });
    const told = line.dropped !== undefined || text.startsWith('-- ') || text.includes('\\x');
    return told || BLANK.test(text) || BLANK.test(line.text) ? undefined : line;
  }

  #begin(bytes: Uint8Array): void {
    this.#head.push(new Uint8Array(bytes));
    this.#headBytes += bytes.length;
    this.#decide(false);
  }

  #decide(ended: boolean): void {
    if (this.#form !== undefined || this.#headBytes === 0) return;
    const head = this.#head.length === 1 ? (this.#head[0] as Uint8Array) : Buffer.concat(this.#head);
    this.#form = formOf(head, ended || this.#headBytes >= FORM_REACH);
    if (this.#form === undefined) return;
    this.#head = [];
    this.#headBytes = 0;
    this.#read(head, this.#form);
  }

  #read(bytes: Uint8Array, form: LogForm): void {
    switch (form) {
      case 'lines':
        this.#splitter.push(bytes, (raw) => this.#raw(raw));
        break;
      case 'json':
        this.#objects.push(bytes, (json, place) => this.#emit(readJsonRecord(json, place)));
        break;
      case 'export':
        this.#entries.push(bytes, (fields, place) => this.#emit(readJournalEntry(fields, place)));
        break;
    }
  }

  #emit(lines: readonly RecordLine[]): void {
    for (const line of lines) this.#options.onLine(this.#line(line), line);
  }

  #raw(raw: RawLine): void {
    const { stream, forms, onLine } = this.#options;
    // A console never speaks in records of /dev/kmsg; a file may hold them.
    if (stream === 'console' || forms === 'console') onLine(this.#line(raw), raw);
    else if (stream === 'kmsg')
      for (const part of this.#records.expand(raw)) onLine(this.#withHole(byRoot(this.#line(part))), part);
    else for (const part of this.#records.expand(raw)) onLine(this.#ofFile(part), part);
  }

  #ofFile(raw: RawLine): LogLine {
    const line = this.#continued.read(this.#line(raw));
    const boot = raw.text.startsWith('-- ') ? BOOT.exec(raw.text) : null;
    return boot ? { ...line, boot: boot[1] ?? `line ${raw.line}` } : line;
  }

  #line(raw: RecordLine): LogLine {
    const { stream, live } = this.#options;
    if (!live && raw.said === undefined) return readLogLine(raw, stream, this.#sameForAll);
    return readLogLine(raw, stream, {
      ...this.#sameForAll,
      ...(live && { observed: this.#observed }),
      ...(raw.said !== undefined && { said: raw.said }),
    });
  }

  #optionsOf(file: string | undefined): LogLineOptions {
    const { forms } = this.#options;
    return { ...(file !== undefined && { file }), ...(forms !== undefined && { forms }) };
  }

  /** The live device numbers its records without holes, so a hole is a loss. A file may have been filtered. */
  #withHole(line: LogLine): LogLine {
    const lost = line.seq === undefined ? 0 : this.#records.lostBefore(line.seq);
    return lost === 0 ? line : { ...line, dropped: lost };
  }
}
