import { join } from 'node:path';
import { ExpectedError } from '../base/errors.ts';
import type { RunReport } from '../model/run-report.ts';
import { readJournal } from '../stress/journal.ts';
import { reportOf } from '../stress/report.ts';
import { askedSchema, planOf } from './stress.ts';

/** A run that has no summary, from its journal, which is only read: what was judged so far. */
export function reportOfJournal(folder: string): RunReport {
  const file = join(folder, 'journal.ndjson');
  const { header, entries } = readJournal(file);
  const asked = askedSchema.safeParse(header.asked);
  if (!asked.success)
    throw new ExpectedError('usage', `${file} does not say what the run was asked for`, 'name another run');
  const { command } = header.asked;
  return reportOf(planOf(asked.data).tests, entries, {
    ...{ run: header.run, tool: header.tool, started: header.started, seed: asked.data.seed },
    command: Array.isArray(command) ? command.map(String) : [],
    guests: [...new Set(entries.flatMap(({ guest }) => (guest === undefined ? [] : [guest])))],
    durationMs: entries.reduce((sum, { durationMs }) => sum + durationMs, 0),
    ...{ strays: [], orphans: [], resumed: 0 },
  });
}
