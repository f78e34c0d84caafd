/**
 * What a guest has that a test, fault or detector needs. Read from the guest itself (`src/guest/capabilities.ts`), never
 * assumed from a kernel's name.
 */
export const CAPABILITIES = [
  // Detectors.
  'kasan',
  'kcsan',
  'kmemleak',
  'lockdep',
  'ubsan',
  'hung-task',
  'soft-lockup',
  // The kernel's own fault injection (Documentation/fault-injection/fault-injection.rst).
  'failslab',
  'fail-page-alloc',
  'fail-make-request',
  'fail-function',
  'fail-usercopy',
  'fail-nth',
  // What surrounds the module.
  'cgroup-memory',
  'cpu-hotplug',
  'block-device',
  'dm-flakey',
  'dm-error',
  'dm-delay',
  'netem',
  'network',
  'pstore',
  'kprobes',
  'root',
  // The module.
  'module',
  'module-faults',
  'vectors',
  'mkfs',
  // The machine around the guest.
  'snapshot',
  'reset',
  'freeze',
  'kill',
  'unplug',
  // Programs of others.
  'fio',
  'stress-ng',
  'xfstests',
] as const;
export type Capability = (typeof CAPABILITIES)[number];

/** Why it is there or not, for people. */
export interface Capable {
  readonly has: boolean;
  readonly why: string;
}

export type CapabilityTable = Readonly<Record<Capability, Capable>>;
