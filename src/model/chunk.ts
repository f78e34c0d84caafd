/**
 * Where bytes come from. `host` carries records of what the host did (boot, restore, fault, recovery) as NDJSON, so that a
 * capture holds everything its events were made of. `commands` is what was sent to a guest's agent and emulator, as NDJSON, for who
 * wants to know what was done to it.
 */
export const STREAMS = ['console', 'ftrace', 'bpftrace', 'control', 'kmsg', 'file', 'host', 'commands'] as const;
export type Stream = (typeof STREAMS)[number];

/** Bytes of one stream as they came. */
export interface Chunk {
  readonly stream: Stream;
  /** Host nanoseconds since the start of the run, never decreasing over the chunks of a run. */
  readonly observed: number;
  readonly bytes: Uint8Array;
}

/** File of a stream within a capture. */
export function streamFile(stream: Stream): string {
  return stream === 'host' || stream === 'commands' ? `${stream}.ndjson` : `${stream}.raw`;
}
