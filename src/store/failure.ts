import { ExpectedError, messageOf } from '../base/errors.ts';

/** `busy`: it may work in a moment. `corrupt`: what is there cannot be used. `other`: no room, no server, no right. */
export type FailureKind = 'busy' | 'corrupt' | 'other';

/** Codes of SQLite (sqlite.org/rescode.html) and of PostgreSQL (appendix A), or how they begin. */
const KINDS: readonly (readonly [start: string, kind: FailureKind])[] = [
  ['SQLITE_BUSY', 'busy'],
  ['SQLITE_LOCKED', 'busy'],
  ['SQLITE_CORRUPT', 'corrupt'],
  ['SQLITE_NOTADB', 'corrupt'],
  ['40001', 'busy'],
  ['40P01', 'busy'],
  ['55P03', 'busy'],
  ['XX001', 'corrupt'],
  ['XX002', 'corrupt'],
];

export function failureOf(error: unknown): FailureKind {
  const code = String((error as { readonly code?: unknown } | null)?.code ?? '');
  return KINDS.find(([start]) => code.startsWith(start))?.[1] ?? 'other';
}

/** What a store says when it cannot be used, as an error that people can act on; a bug in our own statements stays one. */
export function toExpected(error: unknown, place: string): unknown {
  if (error instanceof ExpectedError) return error;
  const code = String((error as { readonly code?: unknown } | null)?.code ?? '');
  const bug =
    code === '' || OURS.some((start) => (start.endsWith('=') ? code === start.slice(0, -1) : code.startsWith(start)));
  if (bug) return error;
  const { what, next } = WORDS[failureOf(error)];
  const expected = new ExpectedError('missing', `the store ${place} ${what}: ${messageOf(error) || code}`, next);
  expected.cause = error;
  return expected;
}

/** Statements that are wrong, and constraints. */
const OURS = ['SQLITE_ERROR=', 'SQLITE_CONSTRAINT', '42', '23'];

const WORDS: Readonly<Record<FailureKind, { readonly what: string; readonly next: string }>> = {
  busy: { what: 'is in use by another program', next: 'try again' },
  corrupt: { what: 'is damaged', next: 'see what can be saved: vexfs-trace runs check --repair' },
  other: {
    what: 'cannot be used',
    next: 'see that there is room and that it may be written, or name another one with --store',
  },
};
