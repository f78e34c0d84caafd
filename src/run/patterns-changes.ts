import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ExpectedError } from '../base/errors.ts';
import { packageRoot } from '../guest/paths.ts';
import { loadPatterns } from '../patterns/load.ts';
import { createMatcher, type Matcher } from '../patterns/match.ts';
import type { Pattern } from '../patterns/pattern.ts';
import type { LabelledLog } from './labelled-logs.ts';

/** What a change of the library changes: a pattern, or who wins a finding. */
export type Change =
  | { readonly kind: 'added' | 'removed' | 'changed'; readonly pattern: string }
  | {
      readonly kind: 'moved';
      readonly log: string;
      readonly title: string;
      readonly before: string;
      readonly now: string;
    };

interface Winner {
  readonly title: string;
  readonly won: string;
}

/**
 * Compares with the patterns of a commit, on the fixtures of today. Undefined where nobody named a commit and there is no `main` to
 * compare with: outside of a clone, or in one without it.
 */
export function changesAgainst(
  named: string | undefined,
  patterns: readonly Pattern[],
  logs: readonly LabelledLog[],
  winners: (log: LabelledLog, matcher: Matcher) => readonly Winner[],
): { readonly base: string; readonly changes: readonly Change[] } | undefined {
  const base = [named, 'main', 'origin/main'].find((ref) => ref !== undefined && isCommit(ref));
  if (named !== undefined && base !== named)
    throw new ExpectedError('usage', `there is no commit ${named} here`, 'name another with --base, or fetch it');
  if (base === undefined) return undefined;
  const earlier = patternsOf(base);
  if (earlier === undefined) return undefined;
  const [old, now] = [createMatcher(earlier), createMatcher(patterns)];
  return {
    base,
    changes: [
      ...changed(earlier, patterns),
      ...logs.flatMap((log) => moved(log, winners(log, old), winners(log, now))),
    ],
  };
}

function isCommit(ref: string): boolean {
  return git('rev-parse', '--verify', '--quiet', '--end-of-options', `${ref}^{commit}`).status === 0;
}

function changed(earlier: readonly Pattern[], patterns: readonly Pattern[]): Change[] {
  const before = new Map(earlier.map((pattern) => [pattern.id, content(pattern)]));
  const now = new Map(patterns.map((pattern) => [pattern.id, content(pattern)]));
  return [...new Set([...before.keys(), ...now.keys()])].sort().flatMap((pattern): Change[] => {
    if (!before.has(pattern)) return [{ kind: 'added', pattern }];
    if (!now.has(pattern)) return [{ kind: 'removed', pattern }];
    return before.get(pattern) === now.get(pattern) ? [] : [{ kind: 'changed', pattern }];
  });
}

function moved({ name }: LabelledLog, before: readonly Winner[], now: readonly Winner[]): Change[] {
  return now.flatMap(({ title, won }, i): Change[] => {
    const old = before[i]?.won ?? '';
    return old === won ? [] : [{ kind: 'moved', log: name, title, before: old, now: won }];
  });
}

const content = ({ file: _, ...pattern }: Pattern): string => JSON.stringify(pattern);

function patternsOf(ref: string): readonly Pattern[] | undefined {
  const dir = mkdtempSync(join(tmpdir(), 'vexfs-patterns-'));
  try {
    const archive = git('archive', ref, 'patterns');
    if (archive.status !== 0) return undefined;
    const unpacked = spawnSync('tar', ['-x', '-C', dir], { input: archive.stdout });
    if (unpacked.status !== 0) return undefined;
    // One that no longer loads with the schema of today is as good as removed.
    return loadPatterns([join(dir, 'patterns')], { fixtures: join(packageRoot(), 'fixtures') }).patterns;
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

function git(...args: readonly string[]) {
  return spawnSync('git', ['-C', packageRoot(), ...args], { maxBuffer: 256 * 1024 * 1024 });
}
