import type { Action, Classification, Severity } from '../model/classification.ts';
import type { PatternMatch } from './condition-schema.ts';
import type { EventSample, FindingSample } from './sample-schema.ts';
import type { PatternFile } from './schema.ts';

/** A recovery action that a pattern asks for, with its limits. */
export interface PatternAction {
  readonly action: Action;
  readonly attempts?: number;
  readonly timeoutSeconds?: number;
}

/** A piece of kernel log (or a finding) that a pattern must, or must not, match. */
export interface Sample {
  readonly text: string;
  /** Stands in for the text where a finding comes from an analysis of traces. */
  readonly finding?: FindingSample;
  /** Stands in for the text where several events make a sequence. */
  readonly events?: readonly EventSample[];
  /** Where the text comes from: a fixture, a recording, or the kernel source file whose format it follows. */
  readonly origin: string;
  readonly recorded: boolean;
}

/** A pattern of the library, checked, with the texts of its samples. */
export interface Pattern {
  readonly id: string;
  readonly title: string;
  readonly classification: Classification;
  readonly severity: Severity;
  readonly match: PatternMatch;
  readonly extract: NonNullable<PatternFile['extract']>;
  readonly advice: PatternFile['advice'];
  readonly actions: readonly PatternAction[];
  readonly references: readonly string[];
  readonly since?: string;
  readonly until?: string;
  readonly samples: readonly Sample[];
  readonly counterSamples: readonly Sample[];
  /** The file it was read from. */
  readonly file: string;
}

/** Something wrong with a pattern file, or worth knowing about the library. */
export interface PatternProblem {
  readonly level: 'error' | 'note';
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

/** `file:line:column: message`, as editors jump to it. */
export function formatProblem(problem: PatternProblem): string {
  return `${problem.file}:${problem.line}:${problem.column}: ${problem.message}`;
}
