export * from './message.ts';
export { BpftraceReader, type ReaderOptions } from './reader.ts';
