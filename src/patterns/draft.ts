import { stringify } from 'yaml';
import { KINDS, type Kind } from '../model/kinds.ts';
import type { PatternMatch } from './condition-schema.ts';
import type { Pattern } from './pattern.ts';
import type { Unmatched } from './subject.ts';
import { expressionOf, isVariable, templateExpression, wordsOf } from './template.ts';

/** What begins every sentence that a person has to write. */
export const TODO = 'TODO';

/** A counter-sample: a stretch of a fixture. */
export interface NearMiss {
  readonly fixture: string;
  readonly lines: string;
}

/** What a draft is made of. */
export interface DraftInput {
  readonly finding: Unmatched;
  /** The report as it stood in the log, cleaned. */
  readonly sample: string;
  /** Kernel and circumstances. */
  readonly recorded: string;
  readonly nearMisses: readonly NearMiss[];
  /** The pattern that wins the finding today; what it says of the failure is a beginning. */
  readonly like: Pattern | undefined;
  readonly id?: string | undefined;
  /** What the messages of several such findings have in common, `<*>` where they differ. */
  readonly template?: string | undefined;
}

/** What identifies a finding of its kind, generalised: the message where there is one, else the function to blame. */
export function generalMatch({ kind, frame, details, title }: Unmatched, template?: string): PatternMatch {
  const message = messageOf(details);
  if (message !== undefined) {
    const expression = template === undefined ? expressionOf(message) : templateExpression(template);
    return { kind, details: { message: `/${expression}/` } };
  }
  if (frame !== '' && frame !== 'corrupted') return { kind, frame };
  const words = title.split(' in ')[0] ?? title;
  return { kind, title: `/${expressionOf(words)}/` };
}

/** A pattern file that loads, with TODO where only a person knows. */
export function draftPattern({ finding, sample, recorded, nearMisses, like, id, template }: DraftInput): string {
  const { kind, frame, details, context } = finding;
  const row = KINDS[kind as Kind];
  const message = messageOf(details);
  const extract = message === undefined ? undefined : extractOf(message);
  const pattern = {
    id: id ?? slug(`${kind} ${message === undefined ? frame : firstWords(message)}`),
    title: `${TODO} what happened, in a few words`,
    classification: like?.classification ?? row?.classification ?? 'unknown',
    severity: like?.severity ?? row?.severity ?? 'major',
    match: generalMatch(finding, template),
    ...(extract && { extract }),
    advice: {
      meaning: `${TODO} what this says about the code, and what may be damaged now, in two or three sentences.`,
      lookAt: [`${TODO} what to look at first${frame === '' ? '' : `, beginning with ${frame}()`}`],
      docs: like?.advice.docs ?? ['Documentation/admin-guide/bug-hunting.rst'],
    },
    samples: [{ recorded: recorded || `${TODO} kernel ${context.kernel ?? ''}, and how`, text: sample }],
    counterSamples:
      nearMisses.length > 0
        ? nearMisses.map(({ fixture, lines }) => ({ fixture, lines }))
        : [{ constructed: 'kernel/panic.c', text: `${TODO} a report that looks alike and is something else\n` }],
  };
  return stringify(pattern, { lineWidth: 110, blockQuote: 'literal', singleQuote: true });
}

/** An id from words: lower case, hyphens, not too long. */
function slug(text: string): string {
  const words = text
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word.length > 1);
  return [...new Set(words)].slice(0, 6).join('-').slice(0, 60).replace(/-$/, '') || 'a-pattern';
}

function messageOf(details: Readonly<Record<string, unknown>>): string | undefined {
  const { message } = details;
  const [line = ''] = typeof message === 'string' ? message.split('\n') : [];
  const text = line.trim().slice(0, 200);
  return text.length >= 6 ? text : undefined;
}

function firstWords(message: string): string {
  return wordsOf(message)
    .filter((word, i) => i % 2 === 0 && word !== '' && !isVariable(word))
    .slice(0, 5)
    .join(' ');
}

/** The first number of the message, by the word before it. */
function extractOf(message: string): Pattern['extract'] | undefined {
  const words = wordsOf(message);
  const at = words.findIndex((word, i) => i % 2 === 0 && word !== '' && isVariable(word));
  const before = words[at - 2];
  if (at < 0 || before === undefined || before === '') return undefined;
  const name = before.toLowerCase().replaceAll(/[^a-z0-9]/g, '');
  const regex = `/${expressionOf(before + (words[at - 1] ?? ''))}(\\S+)/`;
  return /^[a-z][a-z0-9]*$/.test(name) ? { [name]: { from: 'details.message', regex } } : undefined;
}
