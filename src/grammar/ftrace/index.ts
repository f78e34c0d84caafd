export { DUMP_BEGINS, dumpedEvent } from './dump-line.ts';
export type { FtraceRecord } from './record.ts';
export { FtraceSplitter } from './splitter.ts';
export { vexfsEvent } from './vexfs.ts';
