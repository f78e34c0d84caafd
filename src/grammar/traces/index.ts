export { TraceReader } from './reader.ts';
export { isTrace } from './recognise.ts';
export type { TraceRecord } from './record.ts';
