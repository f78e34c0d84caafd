import { describe, expect, test } from 'vitest';
import type { LogLine } from '../model/line.ts';
import { HEADLINES } from './headlines.ts';
import { LINE_ROWS, readReportLine } from './report-line.ts';
import { ReportParser } from './report-parser.ts';
import { readStatements, STATEMENTS } from './statements/statements.ts';
import { TreeVisitor } from './tree.ts';
import { TYPED_NAMES } from './values.ts';

const line = (body: string): LogLine => ({
  stream: 'console',
  byte: 0,
  endByte: 1,
  line: 1,
  text: body,
  body,
  time: 1,
});

describe('the tables', () => {
  test.each(
    Object.entries(STATEMENTS).flatMap(([group, rows]) => rows.map((row) => [group, row.id, row.sample] as const)),
  )('%s: %s is said by its sample', (group, id, sample) => {
    expect(HEADLINES.some((row) => row.id === group && sample.includes(row.text))).toBe(true);
    expect(readStatements(sample).map(({ says }) => says)).toContain(id);
  });

  test.each(LINE_ROWS.map((row) => [row.id, row.text, row.sample] as const))('line %s (%s)', (id, text, sample) => {
    expect(sample).toContain(text);
    expect(readReportLine(line(sample), false).kind).toBe(id);
  });

  test('the grammar has no ambiguity, and every rule a name that the visitor may use', () => {
    const parser = new ReportParser({ check: true });
    const taken = Object.getOwnPropertyNames(TreeVisitor.prototype);
    expect(Object.keys(parser.getGAstProductions()).filter((name) => [...taken, 'finish'].includes(name))).toEqual([]);
  });

  test('a name of a group means one thing: a kind of line has one place in the details, a typed name is in use', () => {
    for (const { id, into } of LINE_ROWS) {
      const places = LINE_ROWS.filter((row) => row.id === id && row.into !== undefined).map((row) => row.into);
      expect(new Set([...places, into].filter((place) => place !== undefined)).size, id).toBeLessThanOrEqual(1);
    }
    const patterns = [...LINE_ROWS, ...Object.values(STATEMENTS).flat()]
      .map(({ pattern }) => pattern.source)
      .join('\n');
    for (const name of TYPED_NAMES) expect(patterns, name).toContain(`(?<${name}>`);
  });

  test('every headline can say something', () => {
    for (const { id } of HEADLINES) expect(STATEMENTS[id]?.length, id).toBeGreaterThan(0);
  });
});
