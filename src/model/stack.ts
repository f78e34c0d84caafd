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
});
/** Innermost frame first. `role` says whose it is: access, alloc, free, holder, waiter, origin, trap, task, …; consumers accept others. */
export type Stack = Readonly<{ role: string; frames: readonly Frame[] }>;
