import { LineSplitter } from '../base/lines.ts';
import type { Evidence } from '../model/event.ts';
import { type HostRecord, hostRecordSchema } from '../model/host-record.ts';

/** Reads the `host` stream: records of what the host did, a JSON object a line. A line that is none is given to `warn`. */
export function createHostReader(
  onRecord: (record: HostRecord, evidence: Evidence) => void,
  warn: (message: string) => void,
): (bytes: Uint8Array) => void {
  const splitter = new LineSplitter();
  return (bytes) =>
    splitter.push(bytes, (line) => {
      const record = parse(line.text);
      if (record === undefined) warn(`host record in line ${line.line} cannot be read`);
      else onRecord(record, { stream: 'host', byte: line.byte, endByte: line.endByte, line: line.line });
    });
}

function parse(text: string): HostRecord | undefined {
  try {
    return hostRecordSchema.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}
