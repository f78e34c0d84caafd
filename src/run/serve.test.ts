import { spawnSync } from 'node:child_process';
import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { toNdjson } from '../base/ndjson.ts';
import { CAPTURE_SCHEMA } from '../model/capture.ts';
import type {
  Digest,
  IncidentGroup,
  IncidentGroupDetail,
  RunComparison,
  RunDetail,
  RunItem,
} from '../model/dashboard.ts';
import { EVENT_SCHEMA, type Event } from '../model/event.ts';
import { watchStream } from '../server/testing-client.ts';
import { EVIL } from '../sink/testing-evil.ts';
import { testEvents } from '../store/testing-events.ts';
import { NO_POSTGRES, startPostgres, type TestServer } from '../store/testing-postgres.ts';
import {
  copyRecorded,
  hostileId,
  hostileRun,
  openServed,
  RECORDED,
  type Served,
  storeRecorded,
} from './dashboard/testing.ts';
import { soon } from './dashboard/testing-soon.ts';

const json = async <T>(response: Response): Promise<T> => {
  expect(response.status).toBe(200);
  return (await response.json()) as T;
};
const recordedEvents = (run: string) => readFileSync(join(RECORDED, run, 'guest-1/events.ndjson'), 'utf8');

let postgres: TestServer | undefined;
beforeAll(async () => {
  if (NO_POSTGRES === '') postgres = await startPostgres();
}, 60_000);
afterAll(() => postgres?.stop());

const both = async (folder: string, store: string) => {
  copyRecorded(folder);
  await storeRecorded(store);
};

describe.each([
  { where: 'folders', why: '', fill: (folder: string) => copyRecorded(folder) },
  { where: 'a store without folders', why: '', fill: (_: string, store: string) => storeRecorded(store) },
  { where: 'both at once', why: '', fill: both },
  {
    where: `PostgreSQL without folders${NO_POSTGRES}`,
    why: NO_POSTGRES,
    fill: (_: string, store: string) => storeRecorded(store),
    place: () => postgres?.fresh(),
  },
] as const)('recorded runs from $where', ({ where, why, fill, ...row }) => {
  let served: Served;
  beforeAll(async () => {
    const store = 'place' in row ? row.place() : undefined;
    if (why === '') served = await openServed(fill, store === undefined ? {} : { store });
  });
  afterAll(() => served?.close());
  const check = test.skipIf(why !== '');

  check('runs, each once, with what they came to', async () => {
    const list = async () => json<RunItem[]>(await served.get('/api/runs'));
    // Recordings that no store has are counted behind the list.
    await soon(
      async () =>
        (await list()).map(({ kind, events, findings, incidents, recovered }) => [
          kind,
          events,
          findings,
          incidents,
          recovered,
        ]),
      { timeout: 30_000 },
    ).toEqual([
      ['stress', 223, 12, 9, 9],
      ['stress', 136, 1, 1, 1],
    ]);
    const runs = await list();
    expect(runs.every(({ state, started }) => state === 'ended' && started !== null)).toBe(true);
    expect(runs[0]?.verdicts).toEqual({ FAIL: 1, PASS: 15, SKIP: 1 });
  });

  check('a run with its tests and recordings', async () => {
    const [{ id } = { id: '' }] = await json<RunItem[]>(await served.get('/api/runs'));
    const run = await json<RunDetail>(await served.get(`/api/runs/${id}`));
    expect(run.tests.length).toBe(17);
    expect(run.recordings.map(({ kernel }) => kernel)).toEqual(['6.1.0-56-cloud-amd64']);
    expect((await served.get('/api/runs/NOTHING')).status).toBe(404);
  });

  check('events in pages and as a stream are those of the recording, byte for byte', async () => {
    const [run] = await json<RunItem[]>(await served.get('/api/runs'));
    const recording = run?.recordings[0]?.id ?? '';
    const lines = recordedEvents('faults').trimEnd().split('\n');
    const paged: unknown[] = [];
    for (let after = -1; ; ) {
      const page = await json<{ last: number; more: boolean; events: Event[] }>(
        await served.get(`/api/recordings/${recording}/events?after=${after}&limit=50`),
      );
      paged.push(...page.events);
      after = page.last;
      if (!page.more) break;
    }
    expect(paged).toEqual(lines.map((line) => JSON.parse(line)));
    expect(await streamed(served, recording, -1, lines.length)).toEqual(lines);
    expect(await streamed(served, recording, 99, lines.length - 100)).toEqual(lines.slice(100));
  });

  check('what a recording comes to: incidents, charts, counts', async () => {
    const [run] = await json<RunItem[]>(await served.get('/api/runs'));
    const recording = run?.recordings[0]?.id ?? '';
    const digest = await json<Digest>(await served.get(`/api/recordings/${recording}`));
    expect(digest).toMatchObject({ events: 223, findings: 12, incidentCount: 9, state: 'ended', damaged: 0 });
    expect(
      digest.incidents.every(
        ({ outcome, seqs, recoveries }) => outcome === 'recovered' && seqs.length > 0 && recoveries.length > 0,
      ),
    ).toBe(true);
    expect(digest.charts.cpu.map(({ name }) => name)).toContain('host');
    expect((await served.get('/api/recordings/NOTHING')).status).toBe(404);
  });

  check('incidents of all runs by fingerprint, and the search', async () => {
    const groups = await json<IncidentGroup[]>(await served.get('/api/incidents'));
    const [run] = await json<RunItem[]>(await served.get('/api/runs'));
    expect(groups.reduce((sum, { count }) => sum + count, 0)).toBe(13);
    expect(groups.every(({ runs, title, last }) => runs.length === 1 && title !== '' && last !== null)).toBe(true);
    const found = await json<IncidentGroup[]>(await served.get('/api/incidents?q=null%20CRITICAL'));
    expect(found.length).toBeGreaterThan(0);
    expect(found.length).toBeLessThan(groups.length);
    expect(found.every(({ kind, severity }) => kind.includes('null') && severity === 'critical')).toBe(true);
    expect(await json(await served.get('/api/incidents?q=nothing+of+that'))).toEqual([]);
    const one = await json<IncidentGroupDetail>(
      await served.get(`/api/incidents/${encodeURIComponent(found[0]?.fingerprint ?? '')}`),
    );
    expect(one.occurrences.length).toBe(one.count);
    expect(one.occurrences.every((each) => each.run === run?.id && each.recording === run?.recordings[0]?.id)).toBe(
      true,
    );
    expect(one.example?.event).toBe('crash');
    expect((await served.get('/api/incidents/v1:none')).status).toBe(404);
  });

  check('two runs side by side', async () => {
    const [after, before] = await json<RunItem[]>(await served.get('/api/runs'));
    const compared = await json<RunComparison>(await served.get(`/api/compare?a=${before?.id}&b=${after?.id}`));
    expect(compared.findings.length).toBeGreaterThan(5);
    expect(compared.findings.map(({ status }) => status)).toContain('new');
    expect(
      compared.findings.every(({ status, before: old, after: now }) => (status === 'new') === (old === 0 && now > 0)),
    ).toBe(true);
    if (where !== 'folders' && where !== 'both at once') expect(compared.why).not.toBeNull();
    else expect(compared.measured?.pairs.length).toBe(1);
    expect((await served.get('/api/compare?a=x&b=y')).status).toBe(404);
  });

  // Of both kinds of source once: it takes the library of patterns.
  const once = where === 'folders' || where === 'a store without folders';
  (once ? check : () => {})('a report at its address, with a policy that lets nothing out', async () => {
    const [run] = await json<RunItem[]>(await served.get('/api/runs'));
    const response = await served.get(`/runs/${run?.id}/report`);
    const page = await response.text();
    expect(page).toMatch(/^<!DOCTYPE html>[\s\S]*NULL pointer dereference[\s\S]*<\/html>\n$/);
    const policy = response.headers.get('content-security-policy') ?? '';
    expect(policy).toMatch(/^default-src 'none'; style-src 'sha256-[^']+'; script-src 'sha256-[^']+';/);
    expect(policy).toMatch(/sandbox allow-scripts/);
    expect(policy).not.toMatch(/unsafe|allow-same-origin/);
    expect((await served.get('/runs/NOTHING/report')).status).toBe(404);
  });

  check('nothing went wrong meanwhile', () => expect(served.bugs).toEqual([]));
});

/** The JSON of so many events of a stream. */
async function streamed(served: Served, recording: string, after: number, count: number): Promise<string[]> {
  const response = await served.get(`/api/recordings/${recording}/stream`, {
    headers: { 'last-event-id': String(after) },
  });
  expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
  const reader = (response.body as ReadableStream<Uint8Array>).getReader();
  const decoder = new TextDecoder();
  let text = '';
  const lines = () => [...text.matchAll(/^data: (.*)\n\n/gm)].map(([, line]) => line ?? '');
  while (lines().length < count) text += decoder.decode((await reader.read()).value, { stream: true });
  await reader.cancel();
  return lines();
}

describe('streams and patterns', () => {
  let served: Served;
  beforeAll(async () => {
    served = await openServed(copyRecorded);
  });
  afterAll(() => served.close());

  test('raw bytes of the console, by windows, from the end as well', async () => {
    const [run] = await json<RunItem[]>(await served.get('/api/runs'));
    const base = `/api/recordings/${run?.recordings[0]?.id}/streams`;
    const console = readFileSync(join(RECORDED, 'faults/guest-1/console.raw'));
    expect(await json(await served.get(base))).toContainEqual({ name: 'console', bytes: console.length });
    for (const [query, from, to] of [
      ['from=0&length=100', 0, 100],
      ['from=1000&length=50', 1000, 1050],
      ['from=-70&length=1000', console.length - 70, console.length],
      [`from=${console.length + 5}`, console.length, console.length],
    ] as const) {
      const response = await served.get(`${base}/console?${query}`);
      expect(Buffer.from(await response.arrayBuffer()).equals(console.subarray(from, to))).toBe(true);
      expect(response.headers.get('x-from')).toBe(String(from));
      expect(response.headers.get('x-size')).toBe(String(console.length));
      expect(response.headers.get('content-type')).toBe('application/octet-stream');
    }
    for (const bad of ['from=x', 'length=-1', 'from=1e3'])
      expect((await served.get(`${base}/console?${bad}`)).status).toBe(400);
    expect((await served.get(`${base}/nothing`)).status).toBe(404);
    expect((await served.get(`${base}/control`)).status).toBe(404);
  });

  test('the catalogue of patterns', async () => {
    const patterns = await json<{ id: string; lookAt: string[] }[]>(await served.get('/api/patterns'));
    expect(patterns.length).toBeGreaterThan(100);
    expect(patterns.every(({ lookAt }) => lookAt.length > 0)).toBe(true);
  });

  test('a run that goes on: events come as they are written, from where a client was', async () => {
    const dir = join(served.folder, 'live');
    mkdirSync(dir);
    const id = '01J00000000000000000000099';
    const info = { schema: CAPTURE_SCHEMA, run: id, tool: 't', startWall: Date.now(), command: ['attach'] };
    writeFileSync(join(dir, 'capture.json'), JSON.stringify(info));
    const event = (seq: number): string =>
      toNdjson({
        ...{ schema: EVENT_SCHEMA, id: `e${seq}`, seq, run: id, time: { observed: seq }, evidence: [] },
        ...{ event: 'guest', kind: 'note', detail: { seq } },
      });
    await soon(async () => (await json<RunItem[]>(await served.get('/api/runs')))[0]?.state).toBe('running');
    const all = streamed(served, id, -1, 300);
    const later = streamed(served, id, 149, 150);
    // In pieces that do not end where lines do.
    const bytes = Buffer.from(Array.from({ length: 300 }, (_, seq) => event(seq)).join(''));
    for (let at = 0; at < bytes.length; at += 1000) {
      appendFileSync(join(dir, 'events.ndjson'), bytes.subarray(at, at + 1000));
      await new Promise(setImmediate);
    }
    expect(await all).toEqual(bytes.toString().trimEnd().split('\n'));
    expect(await later).toEqual(bytes.toString().trimEnd().split('\n').slice(150));
    await soon(async () => (await json<RunItem[]>(await served.get('/api/runs')))[0]).toMatchObject({
      id,
      state: 'running',
      events: 300,
    });
    // Asked again, nothing is counted twice.
    for (const added of [0, 0, 5]) {
      if (added > 0) appendFileSync(join(dir, 'events.ndjson'), [300, 301, 302, 303, 304].map(event).join(''));
      await soon(async () => (await served.get('/metrics')).text()).toContain(
        `vexfs_trace_events_total{event="guest"} ${300 + added}\n`,
      );
    }
    const metrics = await served.get('/metrics');
    expect(metrics.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
    expect(await metrics.text()).toContain('vexfs_trace_runs_active 1\n');
  });
});

describe('what a folder may hold', () => {
  test('links to elsewhere, pipes and what is too long are no part of a recording', async () => {
    const secret = mkdtempSync(join(tmpdir(), 'vexfs-secret-'));
    writeFileSync(join(secret, 'secret'), '{"seq":0,"secret":true}\n');
    const begin = (folder: string, name: string): string => {
      const dir = join(folder, name);
      mkdirSync(dir);
      const info = { schema: CAPTURE_SCHEMA, run: name, tool: 't', startWall: 0, command: [] };
      writeFileSync(join(dir, 'capture.json'), JSON.stringify(info));
      return dir;
    };
    const served = await openServed((folder) => {
      begin(folder, 'right');
      symlinkSync(join(secret, 'secret'), join(begin(folder, 'linked-events'), 'events.ndjson'));
      symlinkSync(join(secret, 'secret'), join(begin(folder, 'linked-console'), 'console.raw'));
      expect(spawnSync('mkfifo', [join(begin(folder, 'pipe'), 'events.ndjson')]).status).toBe(0);
      mkdirSync(join(folder, 'journal-pipe'));
      expect(spawnSync('mkfifo', [join(folder, 'journal-pipe/journal.ndjson')]).status).toBe(0);
      symlinkSync(secret, join(folder, 'linked-folder'));
    });
    try {
      expect((await json<RunItem[]>(await served.get('/api/runs'))).map(({ id }) => id)).toEqual(['right']);
      expect((await served.get('/api/recordings/linked-events/events')).status).toBe(404);
      expect((await served.get('/api/recordings/linked-console/streams/console')).status).toBe(404);
      expect((await served.get('/runs/linked-console/report')).status).toBe(404);
    } finally {
      await served.close();
      rmSync(secret, { recursive: true });
    }
  });
});

test('who takes nothing is cut off, and gets the rest when he comes again', async () => {
  const run = '01J000000000000000000000SL';
  const count = 40_000;
  const served = await openServed(
    (folder) => {
      mkdirSync(join(folder, 'long'));
      const info = { schema: CAPTURE_SCHEMA, run, tool: 't', startWall: 0, command: [] };
      writeFileSync(join(folder, 'long/capture.json'), JSON.stringify(info));
      writeFileSync(join(folder, 'long/events.ndjson'), testEvents(run, count).map(toNdjson).join(''));
    },
    { idleMs: 500 },
  );
  try {
    const { port, token } = served.listening;
    const socket = connect(port, '127.0.0.1');
    const path = `/api/recordings/${run}/stream`;
    socket.write(`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nAuthorization: Bearer ${token}\r\n\r\n`);
    // It is sent something, and does not take it.
    await new Promise<void>((resolve) => socket.once('readable', resolve));
    await soon(() => served.listening.connections(), { timeout: 20_000 }).toBe(0);
    let taken = 0;
    const closed = new Promise<void>((resolve) => socket.once('close', resolve));
    socket.on('data', (bytes) => {
      taken += bytes.length;
    });
    await closed;
    expect(taken).toBeGreaterThan(0);
    expect(taken).toBeLessThan(15 << 20);
    const received = await watchStream({ port, token, recording: run, count });
    expect(received.events).toBe(count);
  } finally {
    await served.close();
  }
});

describe('hostile text', () => {
  const texts = Object.entries(EVIL).map(([name, text], i) => [name, text, i] as const);
  let served: Served;
  beforeAll(async () => {
    served = await openServed((folder) => {
      for (const [, text, i] of texts) hostileRun(folder, text, i);
    });
  });
  afterAll(() => served.close());

  test.each(texts)('%s is data in every answer', async (_, text, number) => {
    const id = hostileId(number);
    const run = await json<RunDetail>(await served.get(`/api/runs/${id}`));
    expect(run.command).toEqual(['attach', text]);
    const digest = await json<Digest>(await served.get(`/api/recordings/${id}`));
    expect(digest.incidents[0]?.title).toBe(text);
    const groups = await json<IncidentGroup[]>(await served.get('/api/incidents'));
    expect(groups.map(({ title }) => title)).toContain(text);
    const [finding] = (await streamed(served, id, 0, 1)).map((line) => JSON.parse(line) as { title: string });
    expect(finding?.title).toBe(text);
    const bytes = await served.get(`/api/recordings/${id}/streams/console`);
    expect(Buffer.from(await bytes.arrayBuffer()).toString()).toBe(`${Buffer.from(text)}\n`.repeat(3));
    if (/<script|onload/.test(text)) {
      const page = await (await served.get(`/runs/${id}/report`)).text();
      expect(page.match(/<script/g)?.length).toBe(1);
      expect(page).not.toMatch(/<(img|svg on|iframe)/);
    }
    for (const path of ['/api/runs', `/api/recordings/${id}`, '/api/incidents'])
      expect((await served.get(path)).headers.get('content-type')).toBe('application/json');
    expect(served.bugs).toEqual([]);
  });
});
