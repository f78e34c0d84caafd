import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { XmlDocument } from 'libxml2-wasm';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { packageRoot } from '../guest/paths.ts';
import { createMatcher } from '../patterns/match.ts';
import { parsePattern } from '../patterns/parse.ts';
import { checkSamples } from './check-samples.ts';
import { readLibraryFiles } from './library.ts';
import { explainPattern, findPattern } from './patterns-catalogue.ts';
import { compareWinners } from './patterns-expected.ts';
import { lintLibrary } from './patterns-lint.ts';
import { draftFrom } from './patterns-new.ts';
import { TEST_REPORTS } from './patterns-report.ts';
import { SUGGESTIONS, suggest } from './patterns-suggest.ts';
import { passes, testPatterns } from './patterns-test.ts';

const BUILT_IN = join(packageRoot(), 'patterns');
const { patterns } = await readLibraryFiles([BUILT_IN], true);
const nobody = () => {};
const fixture = (name: string) => join(packageRoot(), 'fixtures', name);
const stdin = (text = '') => Readable.from([Buffer.from(text)]);

/** A module that the library knows nothing of, on a machine with names; another than the one in CONTRIBUTING, which people try. */
const WARNING = `Nov 21 09:34:02 janes-laptop kernel: [   18.160882] ------------[ cut here ]------------
Nov 21 09:34:02 janes-laptop kernel: [   18.160882] tapefs: extent 12 overlaps extent 13
Nov 21 09:34:02 janes-laptop kernel: [   18.161202] WARNING: CPU: 1 PID: 149 at extent.c:61 tapefs_insert_extent+0x20/0x30 [tapefs]
Nov 21 09:34:02 janes-laptop kernel: [   18.176195] CPU: 1 PID: 149 Comm: cp Tainted: G           OE      6.1.0-56-cloud-amd64 #1
Nov 21 09:34:02 janes-laptop kernel: [   18.176603] RIP: 0010:tapefs_insert_extent+0x20/0x30 [tapefs]
Nov 21 09:34:02 janes-laptop kernel: [   18.177837] Call Trace:
Nov 21 09:34:02 janes-laptop kernel: [   18.177949]  <TASK>
Nov 21 09:34:02 janes-laptop kernel: [   18.190068]  tapefs_write_begin+0xed/0x140 [tapefs]
Nov 21 09:34:02 janes-laptop kernel: [   18.192245]  </TASK>
Nov 21 09:34:02 janes-laptop kernel: [   18.192307] ---[ end trace 0000000000000000 ]---
`;

let dir = '';
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'vexfs-patterns-test-'));
  writeFileSync(join(dir, 'tapefs.log'), WARNING);
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

describe('patterns new', () => {
  test('drafts a pattern that works, of which only words are missing', async () => {
    const { source, remarks } = await draftFrom({ from: join(dir, 'tapefs.log'), patterns: [] }, stdin(), nobody);
    const parsed = parsePattern(source, 'p.yaml', (path) => ({ text: readFileSync(fixture(path), 'utf8') }));
    if (!('pattern' in parsed)) throw new Error(JSON.stringify(parsed.problems));
    const { pattern } = parsed;
    expect(pattern).toMatchObject({
      classification: 'module-crash',
      match: {
        kind: 'warning',
        details: { message: '/tapefs: extent (?:0x)?[0-9a-f]+ overlaps extent (?:0x)?[0-9a-f]+/' },
      },
      extract: { extent: { from: 'details.message', regex: '/extent (\\S+)/' } },
    });
    expect(source).not.toMatch(/janes|laptop/);
    expect(pattern.samples[0]?.text).toContain('tapefs: extent 12 overlaps extent 13');
    const wrong = checkSamples(pattern, createMatcher([...patterns, pattern])).filter(({ ok }) => !ok);
    expect(wrong).toEqual([]);
    expect(pattern.counterSamples.every(({ recorded }) => recorded)).toBe(true);
    expect(lintLibrary([...patterns, pattern]).map(({ rule }) => rule)).toEqual(['todo']);
    expect(remarks[0]).toBe('finding 1 of 1: warning "WARNING in tapefs_insert_extent"');
    expect(remarks[1]).toMatch(/^warning-with-text wins it today: kind=warning/);
  });

  test('a finding that is not there is told with those that are', async () => {
    const from = fixture('guests/kasan/null-deref.console');
    await expect(draftFrom({ from, event: 9, patterns: [] }, stdin(), nobody)).rejects.toThrow(
      /has no finding 9; there are:\n {2}--event 1: KASAN: .*\n {2}--event 2: /,
    );
    await expect(draftFrom({ from: '-', patterns: [] }, stdin('all is well\n'), nobody)).rejects.toThrow(
      /nothing is found/,
    );
  });

  test('drafts from a recorded run and says what the draft would match, too', async () => {
    const from = fixture('captures/null-deref');
    const { source, remarks } = await draftFrom({ from, patterns: [] }, stdin(), nobody);
    expect(source).toContain('frame: vexfs_fault_null_deref');
    expect(remarks.join('\n')).toMatch(/the draft would match fixture guests\/stock\/null-deref/);
  });
});

test('patterns suggest groups what only patterns of a kind know, the weightiest first', async () => {
  const bug = fixture('guests/stock/bug.console');
  writeFileSync(join(dir, 'again.log'), readFileSync(bug, 'latin1').replaceAll('sh', 'cp'), 'latin1');
  const logs = [join(dir, 'tapefs.log'), bug, join(dir, 'again.log')];
  const [first, ...others] = await suggest(logs, stdin(), { patterns: [], general: true }, nobody);
  expect(first).toMatchObject({
    findings: 2,
    logs: 2,
    kind: 'bug',
    template: 'kernel BUG in vexfs_fault_bug',
    match: { kind: 'bug', frame: 'vexfs_fault_bug' },
    example: { log: bug, event: 1 },
  });
  expect(first?.frames[0]).toBe('vexfs_fault_bug');
  expect(others.every(({ weight }) => weight <= (first?.weight ?? 0))).toBe(true);
  // Each proposal is a pattern that loads and wins its own sample, of which only words are missing.
  const all = [first, ...others].flatMap((row) => (row === undefined ? [] : [row]));
  for (const { draft } of all) {
    const parsed = parsePattern(draft?.source ?? '', 'p.yaml', (path) => ({
      text: readFileSync(fixture(path), 'utf8'),
    }));
    if (!('pattern' in parsed)) throw new Error(JSON.stringify(parsed.problems));
    const library = createMatcher([...patterns, parsed.pattern]);
    expect(checkSamples(parsed.pattern, library).filter(({ ok }) => !ok)).toEqual([]);
  }
  const text = SUGGESTIONS.text(all);
  expect(text).toMatch(/^---\n# weight \d+: 2 × bug in 2 logs\n[\s\S]*\nid: bug-vexfs-fault\n/);
  const few = await suggest(logs, stdin(), { patterns: [], general: true, drafts: 1 }, nobody);
  expect(few.map(({ draft }) => draft !== undefined)).toEqual(few.map((_, i) => i === 0));
  expect(await suggest(logs, stdin(), { patterns: [], general: false }, nobody)).toEqual([]);
  expect(SUGGESTIONS.text([])).toBe('every finding has a pattern\n');
});

describe('patterns test', () => {
  const without = (id: string) => patterns.filter((pattern) => pattern.id !== id);

  test('without a pattern its findings are missed, and that is said in each format', async () => {
    const report = testPatterns(without('null-deref'), { base: 'HEAD' });
    expect(passes(report)).toBe(false);
    expect(TEST_REPORTS.text(report)).toMatch(
      /fixture guests\/stock\/null-deref: ".*" is won by \S+.*, should be null-deref/,
    );
    expect(JSON.parse(TEST_REPORTS.json(report))).toMatchObject({
      ok: false,
      fixtures: { recall: expect.any(Number) },
    });
    expect(TEST_REPORTS.github(report)).toMatch(/^::error file=[^:]+::fixture guests/m);
    expect(TEST_REPORTS.markdown(report)).toMatch(/^### Patterns: not right\n/);
    const xml = XmlDocument.fromString(TEST_REPORTS.junit(report));
    expect(xml.find('//testsuite[@name="fixtures"]//failure').length).toBeGreaterThan(0);
    xml.dispose();
  });

  test('says what changed against a commit', () => {
    const report = testPatterns(without('null-deref'), { base: 'HEAD' });
    // Outside of a clone there is nothing to compare with.
    for (const { changes } of report.changes === undefined ? [] : [report.changes]) {
      expect(changes).toContainEqual({ kind: 'removed', pattern: 'null-deref' });
      expect(changes.filter(({ kind }) => kind === 'moved').length).toBeGreaterThan(0);
    }
    expect(() => testPatterns(patterns, { base: '--all' })).toThrow(/there is no commit --all/);
  });

  test('a corpus is scored by what its labels decide', () => {
    const folder = join(dir, 'corpus');
    mkdirSync(folder);
    writeFileSync(join(folder, '1'), `TITLE: WARNING in tapefs_insert_extent\nTYPE: WARNING\n\n${WARNING}`);
    writeFileSync(join(folder, '2'), `TITLE: KASAN: x\nTYPE: KASAN-READ\n\n${WARNING}`);
    writeFileSync(join(folder, '3'), `TITLE: something\nTYPE: SYZ_FAILURE\n\n${WARNING}`);
    const { corpus, wrong } = testPatterns(patterns, { corpus: folder });
    expect(corpus).toMatchObject({ right: 1, wrong: 1, missed: 1, unlabelled: 1 });
    expect(wrong.map(({ log, expected }) => `${log}: ${expected}`)).toEqual(['corpus 2: memory-corruption']);
    expect(() => testPatterns(patterns, { corpus: join(dir, 'nowhere') })).toThrow(/is no folder of labelled logs/);
  });

  test('a corpus is scored by the types of its labels alone, too', () => {
    const folder = join(dir, 'typed');
    mkdirSync(folder);
    writeFileSync(join(folder, '1'), `TITLE: BUG: Dentry still in use in unmount\nTYPE: LOCKDEP\n\n${WARNING}`);
    writeFileSync(join(folder, '2'), `TITLE: BUG: Dentry still in use in unmount\n\n${WARNING}`);
    const report = testPatterns(patterns, { corpus: folder });
    expect(report.corpus).toMatchObject({
      right: 2,
      wrong: 0,
      exact: 2,
      byType: { right: 0, wrong: 1, unlabelled: 1 },
    });
    expect(TEST_REPORTS.text(report)).toContain(
      'by type:  precision 0.0 %, recall 0.0 % (0 right, 1 wrong, 1 missed); 1 logs whose type decides nothing\n',
    );
    expect(JSON.parse(TEST_REPORTS.json(report))).toMatchObject({ corpus: { exact: 2, byType: { wrong: 1 } } });
  });

  test("findings that are gone, with or without their recording, are missed; new ones are nobody's yet", () => {
    const now = new Map([
      ['a', [{ title: 'x', won: 'warning' }]],
      ['new', [{ title: 'y', won: 'panic' }]],
    ]);
    const rows = compareWinners(now, { a: ['warning', 'panic'], b: ['null-deref'] });
    expect(rows.map(({ log, won, expected }) => [log, won, expected])).toEqual([
      ['a', 'warning', 'warning'],
      ['a', '', 'panic'],
      ['new', 'panic', undefined],
      ['b', '', 'null-deref'],
    ]);
  });

  test('a finding that nobody has looked at is no success', () => {
    const report = testPatterns(patterns);
    expect(passes(report)).toBe(true);
    const unseen = { log: 'guests/stock/new', title: 'x', won: 'warning', expected: '' };
    expect(passes({ ...report, unlabelled: [unseen] })).toBe(false);
    for (const format of ['text', 'junit', 'github', 'markdown'] as const)
      expect(TEST_REPORTS[format]({ ...report, unlabelled: [unseen] }), format).toContain('test --update');
  });
});

describe('packs', () => {
  const before = process.env.XDG_CONFIG_HOME;
  afterEach(() => {
    if (before === undefined) delete process.env.XDG_CONFIG_HOME;
    else process.env.XDG_CONFIG_HOME = before;
  });

  test('of a folder, a file and the user override in this order, with a word each', async () => {
    const source = readFileSync(join(BUILT_IN, 'oops/null-deref.yaml'), 'utf8');
    const write = (path: string, title: string) => {
      mkdirSync(join(path, '..'), { recursive: true });
      writeFileSync(path, source.replace(/^title: .*$/m, `title: ${title}`));
    };
    write(join(dir, 'pack/oops/null-deref.yaml'), 'From the folder');
    write(join(dir, 'config/vexfs-trace/patterns/null-deref.yaml'), 'From the user');
    process.env.XDG_CONFIG_HOME = join(dir, 'empty');
    const named = await readLibraryFiles([join(dir, 'pack')]);
    expect(named.patterns.find(({ id }) => id === 'null-deref')?.title).toBe('From the folder');
    process.env.XDG_CONFIG_HOME = join(dir, 'config');
    const all = await readLibraryFiles([join(dir, 'pack')]);
    expect(all.patterns.find(({ id }) => id === 'null-deref')?.title).toBe('From the user');
    expect(all.problems.map(({ level, message }) => `${level}: ${message}`)).toEqual([
      `note: replaces the pattern of ${join(BUILT_IN, 'oops/null-deref.yaml')}`,
      `note: replaces the pattern of ${join(dir, 'pack/oops/null-deref.yaml')}`,
    ]);
    expect(all.packs.at(-1)).toBe(join(dir, 'config/vexfs-trace/patterns'));
  });
});

test('patterns suggest asks for what the messages of a group have in common', async () => {
  writeFileSync(join(dir, 'two.log'), WARNING + WARNING.replace('extent 12 overlaps', 'extent tail overlaps'));
  const [first] = await suggest([join(dir, 'two.log')], stdin(), { patterns: [], general: true }, nobody);
  expect(first).toMatchObject({
    findings: 2,
    template: 'tapefs: extent <*> overlaps extent <*>',
    match: { kind: 'warning', details: { message: '/tapefs: extent \\S+ overlaps extent \\S+/' } },
  });
});

test('explain says what a pattern means, also of a kind that none knows', async () => {
  const text = await explainPattern('lost-wakeup', [], nobody);
  expect(text).toMatch(
    /^A task sleeps[\s\S]*\nLook at:\n 1\. [\s\S]*\nRecovery of a guest of ours:\n {2}- sysrq-dump: this pattern/,
  );
  expect(await explainPattern('kind:mce', [], nobody)).toMatch(/No pattern knows more[\s\S]*kernel-panic, fatal/);
  expect(() => findPattern('nul-deref', patterns)).toThrow(/there is no pattern "nul-deref"/);
});
