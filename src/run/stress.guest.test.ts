import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Event, isFinding } from '../model/event.ts';
import { figuresOf } from '../model/run-figures.ts';
import type { RunReport } from '../model/run-report.ts';
import { levelRow } from '../stress/levels.ts';
import { checkReplay } from './replay.ts';
import { type Asked, beginRun, stress } from './stress.ts';
import { SHORT_LEVEL } from './testing-stress.ts';

/** In the order of the table of tests. */
const MORE = ['endure-cpu-hotplug', 'fault-warn-text'];

/** Level 1 as it is, but short, with a fault and a shortage at its end. */
describe('a short level 1 on a stock guest', () => {
  const dir = mkdtempSync(join(tmpdir(), 'vexfs-stress-'));
  const folder = join(dir, 'run');
  const names = levelRow(1).tests.map(({ test: name }) => name);
  const asked: Asked = { ...SHORT_LEVEL, tests: [...names, ...MORE] };
  const events: Event[] = [];
  const warnings: string[] = [];
  let report: RunReport;

  beforeAll(async () => {
    report = await stress(await beginRun(folder, asked, ['stress']), {
      onEvent: (event: Event) => events.push(event),
      progress: () => {},
      warn: (text: string) => warnings.push(text),
      signal: new AbortController().signal,
      onVerdict: () => {},
    });
  });
  afterAll(() => rmSync(dir, { recursive: true, force: true }));

  test('every test of the level has passed, and the fault was mastered', () => {
    expect(report.tests.map(({ id, verdict, reason }) => [id, verdict, reason])).toEqual([
      ...levelRow(1).tests.map(({ test: name }) => [name, 'PASS', '']),
      ['endure-cpu-hotplug', 'PASS', ''],
      ['fault-warn-text', 'PASS', 'module-crash: WARNING in vexfs_fault_warn_text'],
    ]);
    expect(figuresOf(report)).toMatchObject({ completed: 1, faults: 1, faultsMastered: 1, recovered: 1, findings: [] });
    expect(warnings).toEqual([]);
  });

  test('each event belongs to its test, by the marks in the log', () => {
    const found = events.filter((event) => isFinding(event));
    expect(found.map((event) => event.test)).toSatisfy((tests: (string | undefined)[]) =>
      tests.every((id) => id === 'fault-warn-text' || id === 'load-nonsense'),
    );
    const log = readFileSync(join(folder, 'guest-1', 'console.raw'), 'latin1');
    for (const { id } of report.tests) {
      expect(log).toContain(`vexfs-trace: test ${id} begins`);
      expect(log).toContain(`vexfs-trace: test ${id} ends`);
    }
  });

  test('every command to the guest is kept, and what was done to it', () => {
    const commands = readFileSync(join(folder, 'guest-1', 'commands.ndjson'), 'utf8')
      .trimEnd()
      .split('\n');
    const sent = commands.map((line) => JSON.parse(line) as { to: string; cmd?: string; execute?: string });
    expect(sent.some(({ to, cmd }) => to === 'agent' && cmd === 'load')).toBe(true);
    expect(sent.some(({ to, execute }) => to === 'qemu' && execute === 'snapshot-save')).toBe(true);
  });

  test('nothing is left behind, and the recording gives the same events again', async () => {
    expect(report.orphans).toEqual([]);
    expect(report.strays).toEqual([]);
    const options = {
      patterns: [],
      signal: new AbortController().signal,
      warn: (text: string) => expect(text).toBe(''),
    };
    expect(await checkReplay(join(folder, 'guest-1'), options)).toEqual([]);
  });
});
