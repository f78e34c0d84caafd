import { readFileSync } from 'node:fs';
import type { Message, MessageKind, MessageOf } from './message.ts';
import { BpftraceReader, type ReaderOptions } from './reader.ts';

/** Versions of bpftrace of which there are recordings. */
export const VERSIONS = ['0.17', '0.23', '0.27'] as const;

export function fixture(name: string, version: (typeof VERSIONS)[number] = '0.17'): Buffer {
  return readFileSync(new URL(`../../fixtures/bpftrace/${version}/${name}`, import.meta.url));
}

export function read(bytes: Uint8Array | string, options?: ReaderOptions): Message[] {
  const reader = new BpftraceReader(options);
  return [...reader.push(Buffer.from(bytes)), ...reader.end()];
}

/** What a line of `-f json` says. */
export function json(line: string): Message[] {
  return read(`${line}\n`, { mode: 'json' });
}

export function of<K extends MessageKind>(messages: readonly Message[], kind: K): MessageOf<K>[] {
  return messages.filter((message): message is MessageOf<K> => message.kind === kind);
}
