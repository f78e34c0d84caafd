import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { packageRoot } from '../guest/paths.ts';
import { isFinding } from '../model/event.ts';
import { analyze } from './analyze.ts';
import { stepsOf } from './testing-analyze.ts';

async function read(name: string, stdin = '') {
  const steps = await stepsOf([name], stdin);
  const events = steps.flatMap((step) => (typeof step === 'object' && 'event' in step ? [step.event] : []));
  const logs = steps.flatMap((step) => (typeof step === 'object' && 'log' in step ? [step.log] : []));
  return { findings: events.filter(isFinding), gaps: events.filter((event) => event.event === 'gap'), log: logs[0] };
}

describe('analyze reads traces', () => {
  test('a deadlock is found in a file as it is live', async () => {
    const { findings, log } = await read('ftrace/6.1/deadlock.txt');
    expect(findings).toMatchObject([
      {
        kind: 'trace-deadlock',
        title: 'deadlock: tasks wait for each other on fault.abba_a, fault.abba_b',
        evidence: [{ stream: 'ftrace', file: expect.stringContaining('deadlock.txt'), line: 7 }],
      },
    ]);
    expect(log).toMatchObject({ records: 66 });
  });
  test.each<[string, number]>([
    ['ftrace/6.1/vexfs.txt', 200],
    ['traces/6.18/trace-cmd/report-l.txt', 59],
    ['traces/6.18/perf/script.txt', 8],
    ['traces/6.18/perf/lock-contention.txt', 32],
  ])('%s has %i records and nothing to find', async (name, records) => {
    expect(await read(name)).toMatchObject({ findings: [], gaps: [], log: { records } });
  });
  test('losses are told where they are', async () => {
    const { gaps } = await read('ftrace/6.18/lost.txt');
    expect(gaps.map((gap) => gap.event === 'gap' && [gap.kind, gap.lost, gap.evidence[0]?.line])).toEqual([
      ['ftrace-lost', 194, 1],
      ['ftrace-lost', 521, 70],
    ]);
  });
  test('a kernel log is none, whatever it tells of traces', async () => {
    expect((await read('guests/stock/null-deref.console')).log).not.toHaveProperty('records');
  });
  test('a report among the lines of a trace is found, too', async () => {
    const trace = readFileSync(join(packageRoot(), 'fixtures/ftrace/6.1/vexfs.txt'), 'utf8');
    const console = readFileSync(join(packageRoot(), 'fixtures/guests/stock/null-deref.console'), 'utf8');
    const { findings, log } = await read('-', `${trace}${console}`);
    expect(findings.map(({ kind }) => kind)).toContain('null-deref');
    expect(log?.records).toBeGreaterThanOrEqual(200);
  });
  test('numbers instead of text get a word', async () => {
    const warnings: string[] = [];
    const file = join(packageRoot(), 'fixtures/traces/6.18/text/hex-option.txt');
    const warn = (words: string) => warnings.push(words);
    await analyze([file], Readable.from([]), { patterns: [], warn, onEvent: () => {} });
    expect(warnings).toEqual([expect.stringContaining('no event in it could be read; the options raw, hex')]);
  });
});
