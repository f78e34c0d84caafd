import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { packageRoot } from '../guest/paths.ts';
import { eventAt } from '../metrics/testing.ts';
import type { Event } from '../model/event.ts';
import { replay } from './replay.ts';
import { openTraceExport } from './trace-export.ts';

interface SentSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes: { key: string; value: Record<string, unknown> }[];
  readonly status: { code?: number; message?: string };
}

const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup();
});

/** A collector on this machine: all spans that it got. */
async function collector(answer: (response: ServerResponse) => void = (response) => response.end('{}')) {
  const spans: SentSpan[] = [];
  const requests: { path: string | undefined; type: string | undefined; secret: unknown; resource: unknown }[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (bytes) => {
      body += bytes;
    });
    request.on('end', () => {
      const [{ resource, scopeSpans }] = JSON.parse(body).resourceSpans;
      requests.push({
        path: request.url,
        type: request.headers['content-type'],
        secret: request.headers.key,
        resource,
      });
      spans.push(...scopeSpans[0].spans);
      answer(response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  cleanups.push(() => {
    server.close();
    server.closeAllConnections();
  });
  return { spans, requests, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

function openTo(url: string, more: NodeJS.ProcessEnv = {}, everyMs = 60_000) {
  const warnings: string[] = [];
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: url, ...more };
  const watcher = openTraceExport({
    command: ['stress', '--level', '1'],
    warn: (text) => warnings.push(text),
    env,
    everyMs,
  });
  if (watcher === undefined) throw new Error('nothing was opened');
  return { watcher, warnings };
}

/** `run > test > incident`, with its status, for each span. */
function tree(spans: readonly SentSpan[]): string[] {
  const byId = new Map(spans.map((span) => [span.spanId, span]));
  const path = (span: SentSpan): string => {
    const parent = byId.get(span.parentSpanId ?? '');
    return parent === undefined ? span.name : `${path(parent)} > ${span.name}`;
  };
  return spans.map((span) => `${path(span)} ${['-', 'ok', 'error'][span.status.code ?? 0]}`).sort();
}

const RUN = '01AAAA';
const incident = (kind: string, outcome: string) => ({
  ...{
    event: 'incident',
    kind,
    incident: 'i1',
    title: 'BUG: x',
    classification: 'module-crash',
    severity: 'critical',
    outcome,
  },
});
const EVENTS: readonly (readonly [number, object, string?])[] = [
  [1, { event: 'guest', kind: 'boot', detail: {} }],
  [2, { event: 'test', kind: 'start', test: 'files', attempt: 1, domain: 'filesystem' }],
  [2, { event: 'test', kind: 'start', test: 'names', attempt: 1 }, 'guest-2'],
  [3, incident('opened', 'open')],
  [
    5,
    {
      event: 'recovery',
      kind: 'remount',
      result: 'failed',
      verified: false,
      durationMs: 1500,
      reason: 'busy',
      incident: 'i1',
    },
  ],
  [6, { event: 'recovery', kind: 'cold-boot', result: 'skipped', durationMs: 0, incident: 'i1' }],
  [
    7,
    {
      event: 'recovery',
      kind: 'restore-snapshot',
      result: 'ok',
      verified: true,
      durationMs: 500,
      reason: '',
      incident: 'i1',
    },
  ],
  [8, incident('closed', 'recovered')],
  [9, { event: 'test', kind: 'end', test: 'files', verdict: 'FAIL', reason: 'a crash' }],
];

function feed(watcher: { event(event: Event, lane?: string): void }): void {
  for (const [seconds, rest, lane] of EVENTS) watcher.event(eventAt(seconds, { run: RUN, ...rest }), lane);
}

test('run, test, incident and action are a tree', async () => {
  const { url, spans, requests } = await collector();
  const { watcher, warnings } = openTo(url, { OTEL_EXPORTER_OTLP_HEADERS: 'key=secret', OTEL_SERVICE_NAME: 'nightly' });
  feed(watcher);
  await watcher.close();
  expect(warnings).toEqual([]);
  expect(tree(spans)).toEqual([
    'vexfs-trace stress > test files > incident module-crash > recover remount error',
    'vexfs-trace stress > test files > incident module-crash > recover restore-snapshot ok',
    'vexfs-trace stress > test files > incident module-crash ok',
    'vexfs-trace stress > test files error',
    'vexfs-trace stress > test names -',
    'vexfs-trace stress error',
  ]);
  const named = (name: string) => spans.find((span) => span.name === name);
  expect(named('recover remount')).toMatchObject({
    startTimeUnixNano: '3500000000',
    endTimeUnixNano: '5000000000',
    status: { code: 2, message: 'busy' },
  });
  expect(named('test files')).toMatchObject({ startTimeUnixNano: '2000000000', endTimeUnixNano: '9000000000' });
  expect(named('test names')?.attributes).toContainEqual({ key: 'vexfs.unfinished', value: { boolValue: true } });
  for (const { traceId, spanId } of spans) expect(`${traceId} ${spanId}`).toMatch(/^[0-9a-f]{32} [0-9a-f]{16}$/);
  expect(new Set(spans.map(({ traceId }) => traceId)).size).toBe(1);
  expect(new Set(spans.map(({ spanId }) => spanId)).size).toBe(spans.length);
  expect(requests[0]).toMatchObject({ path: '/v1/traces', type: 'application/json', secret: 'secret' });
  expect(JSON.stringify(requests[0]?.resource)).toContain('{"key":"service.name","value":{"stringValue":"nightly"}}');
});

test('a recording gives the same trace each time', async () => {
  const all = [];
  for (let i = 0; i < 2; i++) {
    const { url, spans } = await collector();
    const { watcher } = openTo(url);
    const signal = new AbortController().signal;
    const onEvent = (event: Event) => watcher.event(event);
    const capture = join(packageRoot(), 'fixtures/captures/null-deref');
    await replay(capture, { patterns: [], recordedPace: false, signal, warn: () => {}, onEvent });
    await watcher.close();
    all.push(spans);
  }
  expect(all[0]).toEqual(all[1]);
  expect(tree(all[0] ?? [])).toContainEqual(expect.stringMatching(/^vexfs-trace stress > incident module-crash ok$/));
});

test('spans are sent while the run goes on', async () => {
  let arrived = () => {};
  const first = new Promise<void>((resolve) => {
    arrived = resolve;
  });
  const { url, spans } = await collector((response) => {
    response.end();
    arrived();
  });
  const { watcher } = openTo(url, {}, 1);
  feed(watcher);
  await first;
  expect(spans.map(({ name }) => name)).not.toContain('vexfs-trace stress');
  await watcher.close();
  expect(spans.map(({ name }) => name)).toContain('vexfs-trace stress');
});

describe('a receiver that is no help', () => {
  const REFUSED = /traces cannot be sent to http:\/\/127\.0\.0\.1:\d+: .*(ECONNREFUSED)/;

  test('is not there', async () => {
    const { url } = await collector();
    for (const cleanup of cleanups.splice(0)) cleanup();
    const { watcher, warnings } = openTo(url);
    feed(watcher);
    await watcher.close();
    expect(warnings).toEqual([expect.stringMatching(REFUSED), '6 spans of the trace were not sent']);
  });

  test('never answers: the end of the run waits a second, no more', async () => {
    const { url } = await collector(() => {});
    const { watcher, warnings } = openTo(url);
    feed(watcher);
    const start = performance.now();
    await watcher.close();
    expect(performance.now() - start).toBeLessThan(5000);
    expect(warnings).toContain('6 spans of the trace were not sent');
  });

  test('answers 503', async () => {
    const { url } = await collector((response) => response.writeHead(503).end());
    const { watcher, warnings } = openTo(url);
    feed(watcher);
    await watcher.close();
    expect(warnings[0]).toMatch(/answers 503/);
  });

  test('a flood of spans is bounded', async () => {
    const { url } = await collector(() => {});
    const { watcher, warnings } = openTo(url);
    for (let i = 0; i < 5000; i++)
      watcher.event(
        eventAt(1 + i, {
          run: RUN,
          event: 'recovery',
          kind: 'remount',
          result: 'ok',
          verified: true,
          durationMs: 1,
          reason: '',
        }),
      );
    await watcher.close();
    expect(warnings.at(-1)).toBe('5001 spans of the trace were not sent');
  });
});

test('an address that is none is a warning', () => {
  const warnings: string[] = [];
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: 'nowhere' };
  expect(openTraceExport({ command: ['run'], warn: (text) => warnings.push(text), env })).toBeUndefined();
  expect(warnings).toEqual(['traces are not sent: OTEL_EXPORTER_OTLP_ENDPOINT is no address of HTTP']);
});
