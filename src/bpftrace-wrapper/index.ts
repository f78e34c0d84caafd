export { type BpftraceInfo, bpftraceInfo, type InfoOptions, type Requirements, unmet } from './capability.ts';
export { type Diagnostic, parseDiagnostics } from './diagnostic.ts';
export { lookAtMachine, type Machine, type MachineNeeds, needsOf, obstacle } from './machine.ts';
export type { MapRead } from './map-decode.ts';
export type { KernelMap, MapSource, RawMap } from './map-source.ts';
export * from './message.ts';
export { BpftraceReader, type ReaderOptions } from './reader.ts';
export { describeFailure, type Outcome, type RunOptions, type RunResult, type Session, startBpftrace } from './run.ts';
export {
  type ProcessEnd,
  type RunningProcess,
  type Spawn,
  type StopSignal,
  spawnLocal,
  spawnThrough,
} from './spawn.ts';
