/** Debug kernels that are built here (`guest kernel build`), and what each is for. */
export const KERNEL_PROFILES = {
  kasan: 'memory errors, undefined behaviour, lock order, what is never freed; slow',
  kcsan: 'data races',
  fault: 'faults of the kernel on demand, with lock checks and without sanitizers',
} as const;
export type KernelProfile = keyof typeof KERNEL_PROFILES;
export const PROFILE_NAMES = Object.keys(KERNEL_PROFILES) as KernelProfile[];

export function isProfile(name: string): name is KernelProfile {
  return Object.hasOwn(KERNEL_PROFILES, name);
}
