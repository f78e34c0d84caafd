import type { MeasuredRun, MeasuredTest } from '../model/measured-run.ts';

/** Beyond that nothing is taken: it was not written by us. */
const MAX_TESTS = 100_000;
const MAX_TEXT = 1000;
const MAX_LIST = 1000;

/**
 * A run from what its summary.json says. Members that are missing or of another type are as if nothing was known; only what has no list
 * of tests is no run. Never throws.
 */
export function readRun(value: unknown, name: string): MeasuredRun | { readonly problem: string } {
  const summary = object(value);
  const tests = summary?.tests;
  if (summary === undefined || !Array.isArray(tests)) return { problem: 'it has no list of tests' };
  if (tests.length > MAX_TESTS) return { problem: `it has more than ${MAX_TESTS} tests` };
  return {
    name,
    tool: text(summary.tool),
    started: text(summary.started),
    command: texts(summary.command),
    guests: texts(summary.guests),
    facts: new Map(
      Object.entries(object(summary.facts) ?? {})
        .slice(0, MAX_LIST)
        .flatMap(([key, fact]) => (typeof fact === 'string' ? [[key.slice(0, MAX_TEXT), text(fact)] as const] : [])),
    ),
    tests: tests.flatMap((each: unknown) => readTest(each)),
  };
}

function readTest(value: unknown): MeasuredTest[] {
  const test = object(value);
  if (test === undefined || typeof test.id !== 'string' || test.id === '') return [];
  return [
    {
      id: text(test.id),
      verdict: text(test.verdict),
      reason: text(test.reason),
      durationMs: number(test.durationMs),
      findings: texts(test.unexpected),
      incidents: list(test.incidents).map((each) => {
        const incident = object(each);
        return {
          classification: text(incident?.classification) || 'unknown',
          beyondBootMs: number(incident?.beyondBootMs),
        };
      }),
      figures: object(test.figures) ?? {},
    },
  ];
}

function object(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : undefined;
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value.slice(0, MAX_LIST) : [];
}

function text(value: unknown): string {
  return typeof value === 'string' ? value.slice(0, MAX_TEXT) : '';
}

function texts(value: unknown): string[] {
  return list(value).flatMap((each) => (typeof each === 'string' ? [each.slice(0, MAX_TEXT)] : []));
}

function number(value: unknown): number {
  return typeof value === 'number' && Number.isFinite(value) ? value : 0;
}
