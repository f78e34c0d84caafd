export { loadProbes } from './library.ts';
export { bpftraceArgv, planProbes } from './plan.ts';
