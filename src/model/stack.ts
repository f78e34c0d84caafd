import * as z from 'zod';

export const frameSchema = z.object({
  /** Symbol name without compiler suffixes (`.isra.0`, `.cold`). */
  fn: z.string(),
  /** Offset into the function and its size, in bytes, as hexadecimal text. */
  offset: z.string().optional(),
  size: z.string().optional(),
  module: z.string().optional(),
  /** False for a `?` frame: an address found on the stack that the unwinder does not vouch for. */
  reliable: z.boolean(),
  file: z.string().optional(),
  line: z.number().int().optional(),
  inlined: z.boolean().optional(),
});
export type Frame = Readonly<z.infer<typeof frameSchema>>;

export const stackSchema = z.object({
  role: z.string(),
  frames: z.array(frameSchema),
  /** What the report says of this stack where the role does not: `stored`, `SOFTIRQ-ON-W`, a lock class. */
  about: z.string().optional(),
  /** Whose stack it is, where the report says so: an allocation has a task of its own. */
  comm: z.string().optional(),
  pid: z.number().int().optional(),
  cpu: z.number().int().optional(),
  /** Seconds of the kernel's clock. */
  time: z.number().optional(),
});
/** Innermost frame first. `role` says whose it is: access, alloc, free, origin, trap, task, lock-chain, …; consumers accept others. */
export interface Stack extends StackOwner {
  readonly role: string;
  readonly frames: readonly Frame[];
}

/** Whose a stack is, and what is said of it. */
export interface StackOwner {
  readonly about?: string;
  readonly comm?: string;
  readonly pid?: number;
  readonly cpu?: number;
  readonly time?: number;
}
