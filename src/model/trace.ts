/** Attempts are told apart from acquisitions: a wait is an attempt without one. */
export interface LockEvent {
  readonly kind: 'lock-attempt' | 'lock-acquired' | 'lock-release';
  readonly class: string;
  /** `X` exclusive, `R` and `W` of a read-write lock. */
  readonly mode: string;
  readonly lock: string;
  readonly ip: string;
}

/**
 * The module's trace events (kmod/vexfs_trace.h). ftrace prints their names without `vexfs:`, and the kernel has others of the
 * same name (`lock_acquired` of lockdep), so each must have its own fields. 64-bit numbers and addresses are text as printed.
 */
export type VexfsEvent =
  | { readonly kind: 'op-begin'; readonly op: string; readonly sb: string; readonly ino: string; readonly id: string }
  | {
      readonly kind: 'op-end';
      readonly op: string;
      readonly sb: string;
      readonly ino: string;
      readonly id: string;
      /** What the operation returned: negative for an errno. */
      readonly ret: number;
      /** Nanoseconds it took. */
      readonly ns: number;
    }
  | LockEvent
  | {
      readonly kind: 'mem-access';
      readonly object: string;
      readonly addr: string;
      readonly member: string;
      readonly size: number;
      readonly write: boolean;
      /** An atomic, or READ_ONCE and WRITE_ONCE. */
      readonly marked: boolean;
      readonly ip: string;
    }
  | { readonly kind: 'alloc'; readonly what: string; readonly ptr: string; readonly size: number }
  | { readonly kind: 'free'; readonly what: string; readonly ptr: string }
  | {
      readonly kind: 'search';
      readonly ino: string;
      readonly metric: string;
      readonly dim: number;
      readonly count: number;
      readonly k: number;
      readonly ns: number;
    };

/** What interrupts what: an interrupt's locks are not those of the task below it. */
export type TraceContext = 'task' | 'softirq' | 'hardirq' | 'nmi';

/** Who did it, when and where. `time` is trace seconds. */
export interface ActBy {
  readonly time: number;
  readonly cpu: number;
  readonly pid: number;
  readonly comm: string;
  readonly context: TraceContext;
  readonly irqsOff: boolean;
  /** Bottom halves off; so are they with interrupts off. */
  readonly bhOff: boolean;
  /** Preempt depth as printed: some kernels count the trace event itself. */
  readonly depth: number;
}

/**
 * An address as two numbers that are exact: its low 52 bits tell objects apart, the high 12 are kept for the text. Texts of
 * addresses would have to be copied from their chunk, one by one.
 */
export interface Address {
  readonly low: number;
  readonly high: number;
}

/** `instant`: a lock that cannot be watched between attempt and success (spinlocks by kprobes), taken as acquired. */
export type LockStep = 'attempt' | 'acquired' | 'instant' | 'failed' | 'release';
/** `X` exclusive, `R` and `W` of a read-write lock. */
export type LockMode = 'X' | 'R' | 'W';

export interface LockAct extends ActBy {
  readonly kind: 'lock';
  readonly step: LockStep;
  /** Kind of lock: `inode.vec_sem`, or what is known of an address. `rcu` and `seq` are sections rather than locks. */
  readonly class: string;
  readonly lock: Address;
  readonly mode: LockMode;
  readonly trylock: boolean;
  /** `function+0x1c/0x280 [module]`. */
  readonly site: string;
}

export interface AccessAct extends ActBy {
  readonly kind: 'access';
  readonly object: string;
  readonly member: string;
  readonly address: Address;
  readonly size: number;
  readonly write: boolean;
  /** An atomic, or READ_ONCE and WRITE_ONCE. */
  readonly marked: boolean;
  readonly site: string;
}

export interface MemoryAct extends ActBy {
  readonly kind: 'alloc' | 'free';
  readonly address: Address;
  /** Bytes; 0 where it is not said. */
  readonly size: number;
  /** What is allocated: a name of the module's, a slab cache, or the place of the call. */
  readonly what: string;
  readonly site: string;
}

/** Between two operations a task holds none of the locks that are traced. */
export interface OperationAct extends ActBy {
  readonly kind: 'begin' | 'end';
  readonly op: string;
}

/** What one does before `send` comes before what the other does after `receive`: a wake-up, queued work, a timer. */
export interface EdgeAct extends ActBy {
  readonly kind: 'edge';
  readonly step: 'send' | 'receive';
  readonly channel: string;
}

/** What traces of any source say, in one vocabulary: all that the analyses of locks and races know. */
export type Act = LockAct | AccessAct | MemoryAct | OperationAct | EdgeAct;
