import { readFileSync, writeFileSync } from 'node:fs';
import { expect } from 'vitest';

/**
 * Expects a page to have this between the marks of whoever makes it (`<!-- made by SRC -->`, `<!-- end -->`); with UPDATE_GOLDEN=1 writes
 * it there. `page` is a path from the root of the project.
 */
export function expectMarked(page: string, madeBy: string, content: string): void {
  const file = new URL(`../../${page}`, import.meta.url);
  const mark = `<!-- made by ${madeBy} -->\n`;
  const end = '<!-- end -->\n';
  const text = readFileSync(file, 'utf8');
  const at = text.indexOf(mark);
  expect(at, `${page} has no ${mark.trim()}`).toBeGreaterThanOrEqual(0);
  const rest = text.slice(at + mark.length);
  const wanted = `${text.slice(0, at)}${mark}\n${content.trim()}\n\n${rest.slice(rest.indexOf(end))}`;
  if (process.env.UPDATE_GOLDEN === '1') writeFileSync(file, wanted);
  else expect(text).toBe(wanted);
}
