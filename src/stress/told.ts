import type { AgentAnswer } from '../model/guest.ts';
import type { Told } from './test.ts';

/** Things that are wrong, of those a program tells of: more would say nothing new. */
const MAX_WRONG = 20;
const CANNOT = 4;
const USAGE = 2;

/**
 * What a check program's output says (kmod/README.md, vexcheck): objects, a line each; `wrong` for what is wrong, and a last one
 * with `result`. Anything else, or an exit status that does not fit, is wrong as well: a program that dies has not passed.
 */
export function readTold({ status, output, error, signal }: AgentAnswer): Told {
  const lines = output.split('\n').flatMap((line) => {
    const value = parse(line);
    return value === undefined ? [] : [value];
  });
  const last = lines.findLast((line) => typeof line.result === 'string');
  const wrong = lines.filter((line) => 'wrong' in line).map(describe);
  if (status === CANNOT)
    return { wrong: [], cannot: textOf(last?.why ?? last?.reason) || 'it cannot be run here', figures: {} };
  if (error !== undefined || status === USAGE)
    return { wrong: [], unusable: error ?? `it was not understood: ${output.trim().slice(-200)}`, figures: {} };
  const figures = last ?? {};
  if (status === 0 && wrong.length === 0 && last !== undefined) return { wrong: [], figures };
  const end =
    signal !== undefined
      ? `the program was ended by signal ${String(signal)}`
      : `the program ended with status ${status}`;
  const unsaid = wrong.length > 0 ? wrong : [last === undefined && status === 0 ? 'the program said nothing' : end];
  return { wrong: unsaid.slice(0, MAX_WRONG), figures };
}

/** Of a program that is not ours only the exit status counts; what it says in the end is kept for people. */
export function readForeign({ status, output, error }: AgentAnswer): Told {
  const said = output.trim().split('\n').slice(-3).join(' / ').slice(-300);
  if (status === 0) return { wrong: [], figures: {} };
  if (error !== undefined) return { wrong: [], unusable: error, figures: {} };
  return { wrong: [`the program ended with status ${status}: ${said}`], figures: {} };
}

function describe(line: Readonly<Record<string, unknown>>): string {
  const { wrong, what, expected, got, op } = line;
  const parts = [
    textOf(wrong),
    textOf(what),
    expected === undefined ? '' : `expected ${textOf(expected)}`,
    got === undefined ? '' : `got ${textOf(got)}`,
    op === undefined ? '' : `at operation ${textOf(op)}`,
  ];
  return parts.filter((part) => part !== '').join(', ');
}

function textOf(value: unknown): string {
  if (value === undefined || value === true) return '';
  return (typeof value === 'string' ? value : (JSON.stringify(value) ?? '')).slice(0, 300);
}

function parse(line: string): Record<string, unknown> | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    return JSON.parse(line) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}
