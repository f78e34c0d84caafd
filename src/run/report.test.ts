import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { XmlDocument, XsdValidator } from 'libxml2-wasm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ExpectedError } from '../base/errors.ts';
import { toNdjson } from '../base/ndjson.ts';
import { packageRoot } from '../guest/paths.ts';
import type { Story } from '../report/story.ts';
import { expectKcidb } from '../report/testing-kcidb.ts';
import { openLibrary } from './library.ts';
import { replay } from './replay.ts';
import { readStory } from './report.ts';
import { documentOf } from './report-formats.ts';
import { findReportInput } from './report-input.ts';
import { type Asked, beginRun, stress } from './stress.ts';

const root = mkdtempSync(join(tmpdir(), 'vexfs-report-'));
const capture = join(root, 'captures', 'null-deref');
const run = join(root, 'runs', 'one');
const fixture = join(packageRoot(), 'fixtures/captures/null-deref');
afterAll(() => rmSync(root, { recursive: true, force: true }));

async function storyOf(folder: string): Promise<Story & { readonly warned: readonly string[] }> {
  const warned: string[] = [];
  const story = await readStory(findReportInput(folder), {
    ...{ patterns: [], signal: new AbortController().signal },
    warn: (text) => warned.push(text),
  });
  return { ...story, warned };
}

/** A run of tests in a folder of this machine. */
async function runHere(folder: string): Promise<void> {
  const target = join(root, 'target');
  mkdirSync(target, { recursive: true });
  const asked: Asked = {
    ...{ levels: [], domains: [], tests: ['files', 'load-unload'], durationMs: 0, faults: 0, seed: 3 },
    ...{ settings: { seconds: 1 }, levelOptions: {}, thresholds: {}, guests: 1, retries: 0, failFast: false, target },
    attach: { kernel: 'stock', cpus: 1, patterns: [], probes: false, trace: false, races: false },
  };
  const report = await stress(await beginRun(folder, asked, ['stress', '--target', target]), {
    ...{ onEvent() {}, progress() {}, warn() {}, onVerdict() {} },
    signal: new AbortController().signal,
  });
  writeFileSync(join(folder, 'summary.json'), JSON.stringify(report));
}

beforeAll(async () => {
  cpSync(fixture, capture, { recursive: true });
  await runHere(run);
});

describe('a recording', () => {
  test('is told with its incident, the lines around it and what they mean', async () => {
    const { recordings, problems } = await storyOf(capture);
    const [recording] = recordings;
    const [incident] = recording?.incidents ?? [];
    expect(problems).toEqual([]);
    expect(incident?.title).toContain('NULL pointer dereference in vexfs_fault_null_deref');
    expect(incident?.findings[0]?.advice?.meaning).not.toBe('');
    const { source } = incident?.findings[0]?.finding ?? {};
    const lines = recording?.excerpts.find(({ stream }) => stream === source?.stream)?.lines ?? [];
    const text = readFileSync(join(capture, 'console.raw'), 'utf8').split('\n');
    for (const line of lines) expect(line.text).toBe(text[line.number - 1]?.replace(/\r$/, '').slice(0, 500));
    const own = lines.filter(({ evidence }) => evidence).map(({ number }) => number);
    expect([own[0], own.at(-1)]).toEqual([source?.line, source?.endLine]);
    expect(lines[0]?.number).toBe((source?.line ?? 0) - 12);
  });

  test('with its events is told from them, and the same', async () => {
    const again = join(root, 'again');
    cpSync(capture, again, { recursive: true });
    const events: string[] = [];
    const warn = () => {};
    const matcher = await openLibrary([], warn);
    const signal = new AbortController().signal;
    await replay(capture, {
      patterns: [],
      matcher,
      recordedPace: false,
      signal,
      warn,
      onEvent: (event) => events.push(toNdjson(event)),
    });
    writeFileSync(join(again, 'events.ndjson'), events.join(''));
    const [one, other] = await Promise.all([storyOf(capture), storyOf(again)]);
    expect(other.recordings[0]?.incidents).toEqual(one.recordings[0]?.incidents);
    // Ended in the middle of a line, as a killed run leaves it.
    const size = events.join('').length;
    truncateSync(join(again, 'events.ndjson'), size - 20);
    const { warned, recordings } = await storyOf(again);
    expect(warned).toEqual([expect.stringContaining('ends in a damaged line')]);
    expect(recordings[0]?.events).toBe(events.length - 1);
  });

  test('without its streams is told all the same', async () => {
    const bare = join(root, 'bare');
    mkdirSync(bare);
    cpSync(join(fixture, 'capture.json'), join(bare, 'capture.json'));
    writeFileSync(join(bare, 'events.ndjson'), '');
    symlinkSync('/dev/zero', join(bare, 'console.raw'));
    const { recordings } = await storyOf(bare);
    expect(recordings).toMatchObject([{ events: 0, incidents: [], excerpts: [] }]);
    expect(documentOf(await storyOf(bare), 'html')).toContain('nothing found');
  });
});

describe('a run of tests', () => {
  test('is told with its tests', async () => {
    const story = await storyOf(run);
    expect(story.run?.tests.map(({ id, verdict }) => [id, verdict])).toEqual([
      ['files', 'PASS'],
      ['load-unload', 'SKIP'],
    ]);
    const page = documentOf(story, 'html');
    expect(page).toContain('no test failed: 1 of 2 right, 1 without a verdict on the code');
  });

  test('without a summary is told from its journal, and says so', async () => {
    const killed = join(root, 'killed');
    cpSync(run, killed, { recursive: true });
    rmSync(join(killed, 'summary.json'));
    const [whole, story] = [await storyOf(run), await storyOf(killed)];
    expect(story.run?.tests).toEqual(whole.run?.tests);
    expect(story.problems).toEqual([`${killed} has no summary.json: the run was ended before it was over, or goes on`]);
    writeFileSync(join(killed, 'summary.json'), '{"run": 7}');
    expect((await storyOf(killed)).problems[0]).toContain('is no summary of a run');
  });

  test('with recordings of guests has them in their order', async () => {
    const many = join(root, 'many');
    cpSync(run, many, { recursive: true });
    for (const name of ['guest-10', 'guest-2']) cpSync(capture, join(many, name), { recursive: true });
    const story = await storyOf(many);
    expect(story.recordings.map(({ name }) => name)).toEqual(['guest-2', 'guest-10']);
    expectKcidb(documentOf(story, 'kcidb'));
    expect(documentOf(story, 'html')).toContain('<h3>guest-10</h3>');
  });
});

describe.each([
  ['a recording', () => capture],
  ['a run', () => run],
])('every format of %s', (_, folder) => {
  test('fits its schema', async () => {
    const story = await storyOf(folder());
    expectKcidb(documentOf(story, 'kcidb'));
    expect(documentOf(story, 'ktap')).toMatch(/^KTAP version 1\n1\.\.\d+\n(?:(?:# .*|(?:not )?ok \d+ .*)\n)+$/);
    expect(documentOf(story, 'lkml')).toMatch(/^To: linux-kernel@vger\.kernel\.org\nSubject: \[BUG\] /);
    if (story.run === undefined) return;
    expect(JSON.parse(documentOf(story, 'json'))).toEqual(story.run);
    const junit = XmlDocument.fromBuffer(Buffer.from(documentOf(story, 'junit')));
    XsdValidator.fromDoc(XmlDocument.fromBuffer(readFileSync(join(packageRoot(), 'src/sink/junit.xsd')))).validate(
      junit,
    );
    expect(documentOf(story, 'github')).toBe('');
  });
});

describe('which folder', () => {
  test.each([
    { name: 'nothing', exit: 'usage', says: 'does not exist' },
    { name: 'target', exit: 'usage', says: 'is neither a run nor a recording' },
  ])('$name $says', ({ name, exit, says }) => {
    expect(() => findReportInput(join(root, name))).toThrow(
      expect.objectContaining({ exit, message: expect.stringContaining(says) }),
    );
  });

  test('unless named is the newest below runs and captures', () => {
    const before = process.cwd();
    process.chdir(root);
    try {
      utimesSync(run, 1000, 1000);
      expect(findReportInput(undefined)).toMatchObject({ folder: 'captures/null-deref', kind: 'recording' });
      utimesSync(run, 5e9, 5e9);
      expect(findReportInput(undefined)).toMatchObject({ folder: 'runs/one', kind: 'run' });
      process.chdir(join(root, 'target'));
      expect(() => findReportInput(undefined)).toThrow(ExpectedError);
    } finally {
      process.chdir(before);
    }
  });
});
