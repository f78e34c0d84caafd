export { checkProbe, type ProbeCheck, type TraceCapabilities } from './check.ts';
export { loadProbes, type ProbeLibrary } from './library.ts';
export { bpftraceArgv, combine, type ProbePlan, planProbes } from './plan.ts';
export type { Need, Probe, ProbeMap, ProbeRecord } from './probe.ts';
export { type DecodedRecord, recordDecoder } from './record.ts';
