import { EXIT } from '../base/errors.ts';
import type { Comparison } from '../model/comparison.ts';
import { comparisonMarkdown } from '../sink/comparison-markdown.ts';
import { comparisonText } from '../sink/comparison-text.ts';
import { wantsColor } from './output.ts';

export const COMPARE_FORMATS = ['text', 'json', 'markdown'] as const;
export type CompareFormat = (typeof COMPARE_FORMATS)[number];

export const WRITE: Readonly<Record<CompareFormat, (comparison: Comparison) => string>> = {
  text: (comparison) => comparisonText(comparison, wantsColor(process.stdout)),
  json: asJson,
  markdown: comparisonMarkdown,
};

/** What is no number in JSON (a change from nothing) is null there. */
export function asJson(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

/** 1 where a gate does not let something pass. */
export function exitCodeOf({ pairs }: Comparison): number {
  return pairs.some(({ breaches }) => breaches.length > 0) ? EXIT.findings : EXIT.ok;
}
