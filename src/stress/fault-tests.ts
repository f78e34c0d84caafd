import type { Capability } from '../model/capability.ts';
import type { Classification } from '../model/classification.ts';
import type { Kind } from '../model/kinds.ts';
import type { StressTest } from './test.ts';

/** A class of failures: what brings it about, what it may be called, and what it takes to be seen. */
interface FaultRow {
  /** Of the module's own, or of the table of faults around it; NAME or NAME=ARGUMENT. */
  readonly fault: string;
  readonly expects: readonly Classification[];
  readonly about: string;
  readonly needs: readonly Capability[];
}

const own = (
  fault: string,
  about: string,
  expects: readonly Classification[],
  ...needs: readonly Capability[]
): FaultRow => ({ fault, about, expects, needs: ['module-faults', ...needs] });

const around = (
  fault: string,
  about: string,
  expects: readonly Classification[],
  ...needs: readonly Capability[]
): FaultRow => ({ fault, about, expects, needs });

/**
 * Every class of failures that a run has to survive. The first expectation is what it is; a second one stands where another
 * detector of the same guest may be faster, and calls it by what it sees.
 */
export const FAULT_ROWS: readonly FaultRow[] = [
  own('null-deref', 'an oops', ['module-crash']),
  own('bug', 'a BUG', ['module-crash']),
  own('wild-pointer', 'a wild pointer', ['module-crash', 'memory-corruption']),
  own('warn-text', 'a WARNING', ['module-crash']),
  own('panic', 'a panic', ['kernel-panic']),
  own('stack-overflow', 'a stack that runs over', ['kernel-panic', 'module-crash']),
  own('list-corruption', 'a corrupted list', ['memory-corruption']),
  own('refcount-underflow', 'a reference count below zero', ['memory-corruption']),
  own('uaf-read', 'a use after free', ['memory-corruption'], 'kasan'),
  own('slab-oob-write', 'a write behind an object', ['memory-corruption'], 'kasan'),
  own('soft-lockup=60', 'a CPU that spins', ['system-hang']),
  own('rcu-stall=60', 'a CPU that spins under RCU', ['system-hang']),
  // Who waits in vain for a mutex looks like half of a deadlock, where nothing tells who has it.
  own('hung-task=60', 'a task that waits for too long', ['system-hang', 'deadlock']),
  own('lost-wakeup', 'a wakeup that never comes', ['system-hang']),
  own('abba-deadlock', 'two tasks that wait for each other', ['deadlock']),
  own('recursive-lock', 'a task that waits for itself', ['deadlock']),
  own('lock-inversion', 'locks taken in two orders', ['deadlock']),
  own('data-race', 'two unlocked accesses', ['race'], 'kcsan'),
  own('memory-hog', 'memory that runs out', ['out-of-memory']),
  own('mount-failure', 'a superblock that does not fit', ['mount-failure']),
  own('io-error', 'a write that fails', ['io-error']),
  own('slow-op=4000', 'an operation that takes seconds', ['performance-regression']),
  around('frozen-guest', 'a guest that falls silent', ['system-hang']),
  around('killed-guest', 'an emulator that is killed', ['kernel-panic']),
  around('stopped-agent', 'an agent that says nothing more', ['unknown', 'system-hang']),
  around('lost-port', 'the line to the agent cut', ['unknown', 'system-hang']),
];

/** One test for each class. */
export const FAULT_TESTS: readonly StressTest[] = FAULT_ROWS.map(({ fault, about, expects, needs }) => ({
  name: `fault-${fault.split('=', 1)[0]}`,
  domain: 'integration',
  about: `${about}, put in on purpose: noticed, named, mended`,
  stage: 'load',
  needs,
  after: [],
  body: { kind: 'fault', fault, expects },
}));

/** What a guest has to endure: it makes work harder, and nothing of it may break the module. */
const ENDURED: readonly (readonly [fault: string, about: string, provokes?: readonly Kind[]])[] = [
  // Whose writes are not written back by then has to go.
  ['memory-pressure', 'memory that is short', ['oom']],
  ['disk-full', 'a filesystem without room'],
  ['signals', 'signals in the middle of calls'],
  ['killed-writers', 'writers that are killed'],
  ['cpu-hotplug', 'CPUs that come and go'],
  ['clock-jump', 'a clock that jumps'],
  ['console-flood', 'a flood of messages'],
  ['failslab', 'small allocations that fail'],
  ['fail-page-alloc', 'pages that are not to be had'],
  ['fail-usercopy', 'copies from and to user space that fail'],
  ['slow-device', 'a device that is slow', ['slow-operation']],
];

/** One test for each. */
export const ENDURANCE_TESTS: readonly StressTest[] = ENDURED.map(([fault, about, provokes]) => ({
  name: `endure-${fault}`,
  domain: 'safety',
  about: `${about}: work goes on, or fails with an error`,
  stage: 'load',
  needs: [],
  after: [],
  body: { kind: 'endure', fault },
  ...(provokes !== undefined && { provokes }),
}));

/** Which of them no choice of faults leaves out: the guest says nothing of these, somebody has to notice. */
export const ALWAYS_CHOSEN: readonly string[] = ['fault-frozen-guest', 'fault-stopped-agent'];
