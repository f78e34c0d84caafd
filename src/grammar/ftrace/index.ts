export { beginsDump, DumpedBuffer } from './dumped-buffer.ts';
export type { FtraceRecord } from './record.ts';
export { FtraceSplitter } from './splitter.ts';
export { vexfsEvent } from './vexfs.ts';
