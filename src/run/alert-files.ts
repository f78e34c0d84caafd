import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Baseline } from '../alert/duration.ts';
import { parseAlerts } from '../alert/parse.ts';
import type { AlertFile } from '../alert/rule-schema.ts';
import { ExpectedError, messageOf } from '../base/errors.ts';
import { escapeTerminal } from '../base/text.ts';
import { packageRoot } from '../guest/paths.ts';
import { readSide } from './compare-runs.ts';

/** The name of the rules that come with the program. */
export const BUILT_IN = 'built-in';

/** Reads a file of alert rules, or those that are built in. Fails with exit 2 and each problem as `file:line:column: what`. */
export function readAlertFile(name: string): AlertFile {
  const path = name === BUILT_IN ? join(packageRoot(), 'src/alert/built-in.yaml') : name;
  let source: string;
  try {
    source = readFileSync(path, 'utf8');
  } catch (error) {
    throw new ExpectedError('usage', `${path} cannot be read: ${messageOf(error)}`, `name a file, or "${BUILT_IN}"`);
  }
  const parsed = parseAlerts(source);
  if ('file' in parsed) return parsed.file;
  const lines = parsed.problems.map(({ line, column, message }) => `${path}:${line}:${column}: ${message}`);
  throw new ExpectedError('usage', lines.map(escapeTerminal).join('\n  '));
}

/** A file may name programs; they run where the operator has allowed them. */
export function checkCommands(files: readonly AlertFile[], allowed: readonly string[]): void {
  for (const { send } of files)
    for (const one of send) {
      if (one.to !== 'command' || allowed.includes(one.run[0] ?? '')) continue;
      const program = escapeTerminal(one.run[0] ?? '');
      throw new ExpectedError(
        'usage',
        `the rules of alerts run ${program}, which is not allowed`,
        `if you mean it: --alert-command ${program}`,
      );
    }
}

/** What tests took in the runs that rules name as their baseline, by that name: the median of each test. */
export function readBaselines(files: readonly AlertFile[]): ReadonlyMap<string, Baseline> {
  const names = files.flatMap(({ rules }) => rules.flatMap(({ when }) => when.duration?.baseline ?? []));
  return new Map([...new Set(names)].map((name) => [name, durationsOf(name)]));
}

function durationsOf(name: string): Baseline {
  const times = new Map<string, number[]>();
  for (const { id, verdict, durationMs } of readSide(name).runs.flatMap(({ tests }) => tests)) {
    const test = id.replace(/\.\d+$/, '');
    if (verdict === 'PASS' || verdict === 'DONE') times.set(test, [...(times.get(test) ?? []), durationMs]);
  }
  return new Map([...times].map(([test, all]) => [test, all.sort((a, b) => a - b)[Math.floor(all.length / 2)] ?? 0]));
}
