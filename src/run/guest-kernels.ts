/** Kernels for guests by hand: what is here, and a build of one with more detectors. */
export { listKernels } from '../guest/kernel.ts';
export { buildKernel } from '../guest/kernel-build.ts';
