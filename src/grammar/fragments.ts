/**
 * Pieces of patterns that kernel reports share (`%pS`, `%pB`, `%px`: lib/vsprintf.c, Documentation/core-api/printk-formats.rst).
 */

/** A function name followed by an offset or a compiler suffix: `foo+0x1/0x2`, `foo.isra.0+0x1/0x2`. */
export const NAME = '([A-Za-z0-9_]+)[.+]';
/** The same as a named group `fn`. */
export const FN = '(?<fn>[A-Za-z0-9_]+)[.+]';
/** A bracketed address: `[<ffffffff81000000>]`, `[0xc0000000]`. */
export const PC = '\\[<?(?:0x)?[0-9a-f]+>?\\]';
/** `path/file.c:123`. */
export const SOURCE = '[A-Za-z0-9_./-]+\\.[a-z]+:[0-9]+';

/** A pattern from pieces, so that the tables read as the kernel's format strings do. */
export function pattern(strings: TemplateStringsArray, ...parts: readonly string[]): RegExp {
  return new RegExp(String.raw(strings, ...parts));
}
