import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Event, isFinding } from '../model/event.ts';
import { figuresOf } from '../model/run-figures.ts';
import type { RunReport } from '../model/run-report.ts';
import { levelRow } from '../stress/levels.ts';
import { checkReplay } from './replay.ts';
import { type Asked, beginRun, resumeRun, stress } from './stress.ts';
import { SHORT_LEVEL } from './testing-stress.ts';

/** Level 1 as it is, but short, with a fault at its end, interrupted and taken up again. */
describe('a short level 1 on a stock guest', () => {
  const dir = mkdtempSync(join(tmpdir(), 'vexfs-stress-'));
  const folder = join(dir, 'run');
  const names = levelRow(1).tests.map(({ test: name }) => name);
  const asked: Asked = { ...SHORT_LEVEL, tests: [...names, 'fault-warn-text'] };
  const events: Event[] = [];
  const warnings: string[] = [];
  let first: RunReport;
  let report: RunReport;

  const ports = (signal: AbortSignal, onVerdict: (done: number) => void) => ({
    onEvent: (event: Event) => events.push(event),
    progress: () => {},
    warn: (text: string) => warnings.push(text),
    signal,
    onVerdict: (_: unknown, done: number) => onVerdict(done),
  });

  beforeAll(async () => {
    const stop = new AbortController();
    first = await stress(
      beginRun(folder, asked, ['stress']),
      ports(stop.signal, (done) => {
        if (done === 2) stop.abort();
      }),
    );
    report = await stress(
      resumeRun(folder),
      ports(new AbortController().signal, () => {}),
    );
  });
  afterAll(() => rmSync(dir, { recursive: true, force: true }));

  test('every test of the level has passed, and the fault was mastered', () => {
    expect(report.tests.map(({ id, verdict, reason }) => [id, verdict, reason])).toEqual([
      ...levelRow(1).tests.map(({ test: name }) => [name, 'PASS', '']),
      ['fault-warn-text', 'PASS', 'module-crash: WARNING in vexfs_fault_warn_text'],
    ]);
    expect(figuresOf(report)).toMatchObject({ completed: 1, faults: 1, faultsMastered: 1, recovered: 1, findings: [] });
    expect(warnings).toEqual([]);
  });

  test('what had a verdict when it was interrupted was not run again', () => {
    expect(first.tests).toHaveLength(2);
    expect(report.tests.slice(0, 2)).toEqual(first.tests);
    const ran = events.filter((event) => event.event === 'test' && event.kind === 'start').map((event) => event.test);
    expect(ran.filter((id) => id === first.tests[0]?.id)).toHaveLength(1);
    expect(report.resumed).toBe(1);
  });

  test('each event belongs to its test, by the marks in the log', () => {
    const found = events.filter((event) => isFinding(event));
    expect(found.map((event) => event.test)).toSatisfy((tests: (string | undefined)[]) =>
      tests.every((id) => id === 'fault-warn-text' || id === 'load-nonsense'),
    );
    const log = readFileSync(join(folder, 'guest-1-again-2', 'console.raw'), 'latin1');
    for (const { id } of report.tests.slice(2)) {
      expect(log).toContain(`vexfs-trace: test ${id} begins`);
      expect(log).toContain(`vexfs-trace: test ${id} ends`);
    }
  });

  test('nothing is left behind, and each recording gives the same events again', async () => {
    expect(report.orphans).toEqual([]);
    expect(report.strays).toEqual([]);
    const recordings = readdirSync(folder).filter((name) => name.startsWith('guest-'));
    expect(recordings).toHaveLength(2);
    for (const name of recordings) {
      const options = {
        patterns: [],
        signal: new AbortController().signal,
        warn: (text: string) => expect(text).toBe(''),
      };
      expect(await checkReplay(join(folder, name), options)).toEqual([]);
    }
  });
});
