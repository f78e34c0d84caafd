import type { Readable } from 'node:stream';
import { ExpectedError } from '../base/errors.ts';
import { readLibraryFiles } from './library.ts';
import { createDrafter } from './patterns-draft.ts';
import { type ReadFinding, readLogs } from './read-logs.ts';

export interface DraftRequest {
  readonly from: string;
  /** Which finding of the log, from 1; the first when absent. */
  readonly event?: number;
  readonly patterns: readonly string[];
  /** Its id; made of what is found when absent. */
  readonly id?: string;
}

export interface Draft {
  readonly id: string;
  readonly source: string;
  /** What the author should know: what wins the finding today, what else the draft would match, what does not work yet. */
  readonly remarks: readonly string[];
}

/** Drafts a pattern from a finding of a log or of a capture. */
export async function draftFrom(request: DraftRequest, stdin: Readable, warn: (text: string) => void): Promise<Draft> {
  const { findings } = await readLogs([request.from], stdin, warn);
  const number = request.event ?? 1;
  const found = findings[number - 1];
  if (found === undefined) throw noSuchFinding(request.from, number, findings);
  const { patterns } = await readLibraryFiles(request.patterns);
  const draft = createDrafter(patterns)(found, { id: request.id });
  const { kind, title } = found.step.finding;
  return {
    id: draft.id,
    source: draft.source,
    remarks: [
      `finding ${number} of ${findings.length}: ${kind} "${title}"`,
      ...draft.remarks,
      `write what stands at TODO${request.id === undefined ? ', save it as patterns/<area>/<id>.yaml' : ''}, then: patterns lint, patterns test`,
    ],
  };
}

function noSuchFinding(from: string, number: number, findings: readonly ReadFinding[]): ExpectedError {
  if (findings.length === 0)
    return new ExpectedError('nothingRan', `nothing is found in ${from}`, 'a pattern begins with a finding');
  const list = findings.map(({ step }, i) => `  --event ${i + 1}: ${step.finding.title}`).slice(0, 20);
  return new ExpectedError('usage', `${from} has no finding ${number}; there are:\n${list.join('\n')}`);
}
