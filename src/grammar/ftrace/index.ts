export { payloadFields } from './payload.ts';
export {
  contextOf,
  type FtraceEvent,
  type FtraceLost,
  type FtraceRecord,
  type FtraceStack,
  type TraceContext,
} from './record.ts';
export { FtraceSplitter } from './splitter.ts';
export { type VexfsEvent, vexfsEvent } from './vexfs.ts';
