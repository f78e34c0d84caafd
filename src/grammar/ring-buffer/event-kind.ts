import type { EventField, EventFormat } from './event-format.ts';
import { elementsOf, type RecordBytes, readArray, readInteger, textOf } from './event-record.ts';
import { compilePrint, type FindPlace, type Print } from './print-format.ts';

const MAX_FRAMES = 128;

/** What is known of all events with one id. Its printer is made when the first of them is to be printed. */
export class EventKind {
  readonly #format: EventFormat;
  readonly #own: readonly EventField[];
  readonly #call: string | undefined;
  /** Events that are stacks of the event before. */
  readonly stackOf: 'kernel' | 'user' | undefined;
  #print: Print | undefined;

  constructor(format: EventFormat) {
    this.#format = format;
    this.#own = format.fields.filter(({ name }) => !name.startsWith('common_'));
    this.stackOf = STACKS[format.name];
    // Calls are printed by kernel/trace/trace_syscalls.c, not by their format.
    const isCall = this.#own.some(({ name }) => name === '__syscall_nr');
    this.#call = isCall ? /^sys_(?:enter|exit)_(\w+)$/.exec(format.name)?.[1] : undefined;
  }

  nameOf(record: RecordBytes, place: FindPlace | undefined): string {
    if (this.#call !== undefined) return `sys_${this.#call}`;
    // A marker or trace_printk is named by the function that wrote it.
    if (PRINTED.has(this.#format.name)) return place?.(this.#integer(record, 'ip'))?.name ?? this.#format.name;
    return this.#format.name;
  }

  print(record: RecordBytes, places: FindPlace): string {
    this.#print ??= this.#printer();
    return this.#print(record, places);
  }

  /** Return addresses, the innermost first. */
  frames(record: RecordBytes): bigint[] {
    const field = this.#field('caller');
    if (field === undefined) return [];
    // The record has as many as there were, whatever the format says (kernel/trace/trace_output.c, trace_stack_print).
    const size = record.length - field.offset;
    const wanted = this.stackOf === 'kernel' ? Number(this.#integer(record, 'size')) : MAX_FRAMES;
    const frames = elementsOf(readArray(record, { ...field, size, element: 8 }), Math.min(wanted, MAX_FRAMES));
    const end = frames.findIndex((address) => address === 0n || address === NO_MORE);
    return end < 0 ? frames : frames.slice(0, end);
  }

  #printer(): Print {
    const { name, print, fields } = this.#format;
    if (this.#call !== undefined) return name.startsWith('sys_enter_') ? this.#arguments() : this.#returned();
    if (PRINTED.has(name)) return (record) => this.#text(record, 'buf').replace(/\n$/, '');
    if (name === 'function') return (record, places) => this.#function(record, places);
    return compilePrint(print, fields) ?? ((record) => this.#plain(record));
  }

  /** `(fd: 1, buf: 0x5578054da230)` */
  #arguments(): Print {
    const given = this.#own.filter((field) => field.name !== '__syscall_nr' && field.shape === 'integer');
    return (record) => {
      const parts = given.map(({ name, offset, size }) => {
        const value = readInteger(record, offset, size, false);
        return `${name}: ${value < 10n ? value : `0x${value.toString(16)}`}`;
      });
      return `(${parts.join(', ')})`;
    };
  }

  #returned(): Print {
    return (record) => ` -> 0x${BigInt.asUintN(64, this.#integer(record, 'ret')).toString(16)}`;
  }

  #function(record: RecordBytes, places: FindPlace): string {
    const named = (name: string) => {
      const address = this.#integer(record, name);
      return places(address)?.name ?? `0x${address.toString(16)}`;
    };
    return `${named('ip')} <-${named('parent_ip')}`;
  }

  /** `name=value`, when the kernel's own words need its compiler. */
  #plain(record: RecordBytes): string {
    return this.#own
      .map((field) => {
        if (field.shape === 'integer')
          return `${field.name}=${readInteger(record, field.offset, field.size, field.signed)}`;
        const array = readArray(record, field);
        if (field.element === 1) return `${field.name}=${textOf(array)}`;
        return `${field.name}={${elementsOf(array, MAX_FRAMES)
          .map((value) => `0x${value.toString(16)}`)
          .join(',')}}`;
      })
      .join(' ');
  }

  #field(name: string): EventField | undefined {
    return this.#own.find((field) => field.name === name);
  }

  #integer(record: RecordBytes, name: string): bigint {
    const field = this.#field(name);
    return field === undefined ? 0n : readInteger(record, field.offset, field.size, false);
  }

  #text(record: RecordBytes, name: string): string {
    const field = this.#field(name);
    return field === undefined ? '' : textOf(readArray(record, { ...field, element: 1 }));
  }
}

const STACKS: Readonly<Record<string, 'kernel' | 'user'>> = { kernel_stack: 'kernel', user_stack: 'user' };
const PRINTED: ReadonlySet<string> = new Set(['print', 'bputs']);
/** The end of a stack in user space, and of one in the kernel (ULONG_MAX). */
const NO_MORE = 0xffff_ffff_ffff_ffffn;
