import { mkdtempSync, readdirSync, readFileSync, rmSync, watch } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { packageRoot } from '../guest/paths.ts';
import { eventAt } from '../metrics/testing.ts';
import { openMetricsFile } from './metrics-file.ts';
import { replay } from './replay.ts';

const dir = mkdtempSync(join(tmpdir(), 'vexfs-metrics-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));
const fail = (text: string) => expect.unreachable(text);

test('a recorded run in a file, whole and alone in its folder', async () => {
  const path = join(dir, 'vexfs.prom');
  const file = openMetricsFile({ path, everyMs: 60_000, warn: fail });
  const capture = join(packageRoot(), 'fixtures/captures/null-deref');
  const signal = new AbortController().signal;
  await replay(capture, {
    patterns: [],
    recordedPace: false,
    signal,
    warn: fail,
    onEvent: (event) => file.event(event),
  });
  await file.close();
  const text = readFileSync(path, 'utf8');
  expect(text).toContain(
    'vexfs_trace_findings_total{type="crash",classification="module-crash",severity="critical"} 1\n',
  );
  expect(text).toContain('vexfs_trace_runs_active 0\n');
  expect(text.endsWith('\n')).toBe(true);
  expect(readdirSync(dir)).toEqual(['vexfs.prom']);
});

test('it is written while the run goes on', async () => {
  const path = join(dir, 'live.prom');
  const file = openMetricsFile({ path, everyMs: 1, warn: fail });
  await seen(path, 'vexfs_trace_runs_active 1\n');
  file.event(eventAt(1, { event: 'trace', kind: 'x' }));
  await seen(path, 'vexfs_trace_events_total{event="trace"} 1\n');
  await file.close();
});

test('a folder that is not there is told once, and does not end the run', async () => {
  const warnings: string[] = [];
  const path = join(dir, 'none', 'a.txt');
  const file = openMetricsFile({ path, everyMs: 1, warn: (text) => warnings.push(text) });
  file.event(eventAt(1, { event: 'trace', kind: 'x' }));
  await file.close();
  expect(warnings).toEqual([
    expect.stringContaining('node_exporter reads files whose names end with .prom'),
    expect.stringContaining(`metrics cannot be written to ${path}: ENOENT`),
  ]);
});

/** Resolves when the file holds the text. */
async function seen(path: string, text: string): Promise<void> {
  const watcher = watch(dir);
  try {
    await new Promise<void>((resolve) => {
      const look = () => {
        try {
          if (readFileSync(path, 'utf8').includes(text)) resolve();
        } catch {
          // It is not there yet.
        }
      };
      watcher.on('change', look);
      look();
    });
  } finally {
    watcher.close();
  }
}
