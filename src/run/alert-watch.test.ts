import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { Transition } from '../alert/transition.ts';
import { packageRoot } from '../guest/paths.ts';
import type { Event } from '../model/event.ts';
import { readHistory } from './alert-history.ts';
import { testAlerts } from './alert-test.ts';
import { openAlerts } from './alert-watch.ts';
import { replay } from './replay.ts';

const dir = mkdtempSync(join(tmpdir(), 'vexfs-alerts-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));
const CAPTURE = join(dir, 'capture');
cpSync(join(packageRoot(), 'fixtures/captures/null-deref'), CAPTURE, { recursive: true });
const fail = (text: string) => expect.unreachable(text);

const RULES = join(dir, 'rules.yaml');
writeFileSync(
  RULES,
  `group: 1h
send: [{ to: terminal }]
rules:
  - name: any
    severity: critical
    when: { incident: { severity: major } }
  - name: never
    when: { memory: { above: 0.999 } }
`,
);

async function watch(rules: string, folder: string, commands: readonly string[] = []) {
  const said: string[] = [];
  const told: string[] = [];
  const alerts = openAlerts({
    ...{ rules: [rules], commands, command: ['replay'], folder, warn: fail },
    tell: (line) => said.push(line),
    onAlert: (severity, state) => told.push(`${severity} ${state}`),
  });
  const signal = new AbortController().signal;
  const events: string[] = [];
  const onEvent = (event: Event) => {
    events.push(JSON.stringify(event));
    alerts.event(event);
  };
  await replay(CAPTURE, { patterns: [], recordedPace: false, signal, warn: fail, onEvent });
  await alerts.close();
  // As a live run leaves them.
  writeFileSync(join(CAPTURE, 'events.ndjson'), `${events.join('\n')}\n`);
  return { said, told };
}

test('a run tells what its recording tells afterwards', async () => {
  const { said, told } = await watch(RULES, dir);
  const history = await readHistory(dir, fail);
  const tested = await testAlerts(RULES, CAPTURE, fail);
  expect(tested).toEqual(history);
  expect(history.map(({ rule, state, labels }: Transition) => [rule, state, labels.classification])).toEqual([
    ['any', 'firing', 'module-crash'],
    ['any', 'resolved', 'module-crash'],
  ]);
  expect(said).toEqual([
    expect.stringMatching(/^alert firing: any \(critical\): BUG: .*NULL pointer dereference/),
    expect.stringMatching(/^alert resolved: any/),
  ]);
  expect(told).toEqual(['critical firing', 'critical resolved']);
});

test('recordings of several guests are told as they came', async () => {
  const run = join(dir, 'run');
  await watch(RULES, dir);
  for (const guest of ['guest-1', 'guest-2']) cpSync(CAPTURE, join(run, guest), { recursive: true });
  const other = join(run, 'guest-2/events.ndjson');
  writeFileSync(other, readFileSync(other, 'utf8').replaceAll('"01', '"02'));
  writeFileSync(join(run, 'journal.ndjson'), '');
  const tested = await testAlerts(RULES, run, fail);
  expect(tested.map(({ state, labels }) => [state, labels.machine])).toEqual([
    ['firing', 'guest-1'],
    ['firing', 'guest-2'],
    ['resolved', 'guest-1'],
    ['resolved', 'guest-2'],
  ]);
});

describe('a program', () => {
  const rules = join(dir, 'command.yaml');
  const out = join(dir, 'out');
  writeFileSync(
    rules,
    `send: [{ to: command, run: [/bin/sh, -c, 'cat > "${out}"'] }]\nrules:\n  - name: any\n    when: { incident: {} }\n`,
  );

  test('runs where it is allowed', async () => {
    await watch(rules, dir, ['/bin/sh']);
    expect(JSON.parse(readFileSync(out, 'utf8'))).toMatchObject({
      run: { command: ['replay'], folder: dir },
      alerts: [{ rule: 'any' }, {}],
    });
  });

  test('is refused otherwise', async () => {
    await expect(watch(rules, dir, ['/bin/bash'])).rejects.toThrow(
      'the rules of alerts run /bin/sh, which is not allowed',
    );
  });
});

test('rules that are wrong, or not there, end it before it begins', async () => {
  const bad = join(dir, 'bad.yaml');
  writeFileSync(bad, 'rules:\n  - nam: x\n    when: { hang: {} }\n');
  await expect(watch(bad, dir)).rejects.toThrow(`${bad}:2:5: rules.0: unknown key "nam"; did you mean "name"?`);
  await expect(watch(join(dir, 'none.yaml'), dir)).rejects.toThrow('cannot be read');
});
