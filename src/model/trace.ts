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
