import type { Kind } from '../model/kinds.ts';

/** A `BUG` or `WARNING` in one of these files is about memory that somebody else spoiled: its title stays, its kind says more. */
const KIND_OF_FILE: readonly (readonly [file: string, kind: Kind])[] = [
  ['lib/list_debug.c', 'list-corruption'],
  ['lib/refcount.c', 'refcount'],
  ['mm/usercopy.c', 'usercopy'],
];

const PLAIN: ReadonlySet<Kind> = new Set(['bug', 'warning']);

/** The kind in the light of where the report was raised, which the headline says as `where`. */
export function refineKind(kind: Kind, details: Readonly<Record<string, unknown>>): Kind {
  if (!PLAIN.has(kind) || typeof details.where !== 'string') return kind;
  const where = details.where;
  return KIND_OF_FILE.find(([file]) => where.startsWith(`${file}:`) || where.includes(`/${file}:`))?.[1] ?? kind;
}
