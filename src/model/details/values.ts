import * as z from 'zod';

/** `0x` and lower-case digits, as many as the kernel printed: 16 where the value has 64 bits. */
export const hex = z.string().regex(/^0x[0-9a-f]+$/);
export const int = z.number().int();
export const text = z.string();
/** A number, or its text where it is larger than a number holds. */
export const bigInt = z.union([int, text]);
export const texts = z.array(text);

/** An object all of whose members may be missing: reports come cut. */
export const part = <T extends z.ZodRawShape>(shape: T) => z.strictObject(shape).partial();

/** A lock as lockdep names it (`HeldLock` in report.ts). */
export const lock = z.strictObject({
  name: text,
  address: hex.optional(),
  usage: text.optional(),
  waitType: text.optional(),
  at: text.optional(),
  module: text.optional(),
  comm: text.optional(),
  pid: int.optional(),
});

/** A function and the place in it. */
export const place = part({
  fn: text,
  offset: text,
  size: text,
  module: text,
  reliable: z.boolean(),
  file: text,
  line: int,
  inlined: z.boolean(),
});

export const registers = z.record(text, hex);
