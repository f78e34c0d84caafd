import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { alertLines, alertMessage } from './message.ts';
import { Notifier } from './notifier.ts';
import { command, desktop } from './programs.ts';
import { readSilences, silenceOf, writeSilences } from './silences.ts';
import type { Transition } from './transition.ts';
import { webhook } from './webhook.ts';

const RUN = { tool: 'vexfs-trace 1', host: 'here', command: ['attach'] };
const ONE: Transition = {
  ...{ schema: 'vexfs-trace/alert/1', at: '2026-01-01T00:00:01.000Z', since: '2026-01-01T00:00:00.000Z' },
  ...{ rule: 'memory', severity: 'major', state: 'firing', labels: { machine: 'host' }, value: 0.95, text: 'much' },
};
const MESSAGE = alertMessage(RUN, [ONE]);
const signal = new AbortController().signal;

const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup();
});
function folder(): string {
  const dir = mkdtempSync(join(tmpdir(), 'vexfs-alert-'));
  cleanups.push(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

describe('webhook', () => {
  /** A receiver that answers as told, in turn; the last answer stays. */
  async function receiver(answers: readonly ((response: ServerResponse, url: string) => void)[]) {
    const got: { body: string; request: IncomingMessage }[] = [];
    const server = createServer((request, response) => {
      let body = '';
      request.on('data', (bytes) => {
        body += bytes;
      });
      request.on('end', () => {
        answers[Math.min(got.length, answers.length - 1)]?.(response, url);
        got.push({ body, request });
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    cleanups.push(() => {
      server.close();
      server.closeAllConnections();
    });
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
    return { url, got };
  }
  const status =
    (code: number, headers = {}) =>
    (response: ServerResponse) =>
      response.writeHead(code, headers).end();
  const options = (url: string, more = {}) => ({
    ...{ to: 'webhook' as const, url, headers: {}, timeout: 5000, retries: 0 },
    ...more,
  });

  test('gets the message and the token', async () => {
    const { url, got } = await receiver([status(204)]);
    const channel = webhook(options(url, { token: 'TOKEN', headers: { 'X-A': 'b' } }), { TOKEN: 'secret' });
    expect(await channel.send(MESSAGE, signal)).toBeUndefined();
    expect(got).toHaveLength(1);
    expect(JSON.parse(got[0]?.body ?? '')).toEqual(MESSAGE);
    expect(got[0]?.request.headers).toMatchObject({
      authorization: 'Bearer secret',
      'x-a': 'b',
      'content-type': 'application/json',
    });
  });

  test('is tried again when it fails, and not when it refuses', async () => {
    const flaky = await receiver([status(503), status(200)]);
    expect(await webhook(options(flaky.url, { retries: 2 }), {}).send(MESSAGE, signal)).toBeUndefined();
    expect(flaky.got).toHaveLength(2);
    const strict = await receiver([status(400)]);
    expect(await webhook(options(strict.url, { retries: 2 }), {}).send(MESSAGE, signal)).toBe('answers 400');
    expect(strict.got).toHaveLength(1);
  });

  test('follows a redirect within its origin alone', async () => {
    const same = await receiver([status(307, { location: '/other' }), status(200)]);
    expect(await webhook(options(same.url), {}).send(MESSAGE, signal)).toBeUndefined();
    expect(same.got.map(({ request }) => request.url)).toEqual(['/hook', '/other']);
    const target = await receiver([status(200)]);
    for (const location of [target.url, 'file:///etc/passwd']) {
      const away = await receiver([status(308, { location })]);
      expect(await webhook(options(away.url), {}).send(MESSAGE, signal)).toMatch(/leads to .*, which is not followed/);
    }
    const asGet = await receiver([status(302, { location: '/other' })]);
    expect(await webhook(options(asGet.url), {}).send(MESSAGE, signal)).toBe('answers 302');
    expect(target.got).toHaveLength(0);
    const circle = await receiver([status(307, { location: '/hook' })]);
    expect(await webhook(options(circle.url), {}).send(MESSAGE, signal)).toBe('leads on and on');
  });

  test('that never answers, or is not there, is given up', async () => {
    const silent = await receiver([() => {}]);
    expect(await webhook(options(silent.url, { timeout: 50 }), {}).send(MESSAGE, signal)).toMatch(/timeout/i);
    expect(await webhook(options('http://127.0.0.1:1/'), {}).send(MESSAGE, signal)).toMatch(/ECONNREFUSED|bad port/);
  });

  test('never gets more than 64 KiB', async () => {
    const { url, got } = await receiver([status(200)]);
    const labels = Object.fromEntries(Array.from({ length: 200 }, (_, i) => [`label${i}`, 'x'.repeat(20)]));
    await webhook(options(url), {}).send(alertMessage(RUN, Array(90).fill({ ...ONE, labels })), signal);
    const body = got[0]?.body ?? '';
    expect(Buffer.byteLength(body)).toBeLessThanOrEqual(64 * 1024);
    const { alerts, more } = JSON.parse(body);
    expect(alerts.length + more).toBe(90);
    expect(alerts.length).toBeGreaterThan(0);
  });
});

describe('programs', () => {
  function script(text: string): string {
    const file = join(folder(), 'program');
    writeFileSync(file, `#!/bin/sh\n${text}\n`);
    chmodSync(file, 0o755);
    return file;
  }

  test('a command gets the message as data, whatever is in it', async () => {
    const program = script('cat > "$0.in"; env > "$0.env"; echo "$1" > "$0.arg"');
    const evil = { ...ONE, text: '$(touch pwned); `id`\n\u001b[2J' };
    const message = alertMessage(RUN, [evil, { ...ONE, state: 'resolved' }]);
    const channel = command({ to: 'command', run: [program, '$HOME'], timeout: 10_000 }, process.env);
    expect(await channel.send(message, signal)).toBeUndefined();
    expect(JSON.parse(readFileSync(`${program}.in`, 'utf8'))).toEqual(message);
    expect(readFileSync(`${program}.in`, 'utf8')).not.toContain('\u001b');
    expect(readFileSync(`${program}.arg`, 'utf8')).toBe('$HOME\n');
    const env = readFileSync(`${program}.env`, 'utf8');
    for (const line of ['STATE=firing', 'SEVERITY=major', 'COUNT=2', 'RULES=memory'])
      expect(env).toContain(`VEXFS_ALERT_${line}\n`);
  });

  test('one that fails, does not end, or is not there, is told of', async () => {
    const send = (run: string[], timeout = 10_000) =>
      command({ to: 'command', run, timeout }, process.env).send(MESSAGE, signal);
    expect(await send([script('echo no; exit 3')])).toBe('exit 3: no');
    expect(await send([script('sleep 60')], 50)).toBe('took longer than 0.05 s');
    expect(await send(['/no/such/program'])).toMatch(/could not be started/);
  });

  test('the desktop gets text without markup', async () => {
    const program = script('for a; do echo "$a"; done > "$0.out"');
    const bin = join(folder(), 'bin');
    const { mkdirSync, symlinkSync } = await import('node:fs');
    mkdirSync(bin);
    symlinkSync(program, join(bin, 'notify-send'));
    const channel = desktop({ ...process.env, PATH: `${bin}:${process.env.PATH}` });
    expect(await channel.send(alertMessage(RUN, [{ ...ONE, text: '<b>&' }]), signal)).toBeUndefined();
    const said = readFileSync(join(bin, 'notify-send.out'), 'utf8');
    expect(said).toContain('--urgency=critical\n--\nvexfs-trace: 1 alert firing\n');
    expect(said).toContain('&lt;b&gt;&amp;');
  });
});

describe('notifier', () => {
  function notifier(silenced: readonly string[] = []) {
    const sent: string[][] = [];
    const until = new Date(Date.now() + 60_000).toISOString();
    const silences = silenced.map((rule) => ({ id: 's', rule, labels: {}, until, comment: '' }));
    const channel = {
      name: 'list',
      send: async (message: typeof MESSAGE) => {
        sent.push(alertLines(message));
        return undefined;
      },
    };
    const options = { run: RUN, channels: [channel], groupMs: 60_000, silences: () => silences, warn: () => {} };
    return { notifier: new Notifier(options), sent };
  }

  test('many alerts are one message', async () => {
    const { notifier: one, sent } = notifier();
    for (let i = 0; i < 60; i++) one.add({ ...ONE, labels: { test: `${i}` } });
    await one.close();
    expect(sent).toHaveLength(1);
    expect(sent[0]).toHaveLength(51);
    expect(sent[0]?.at(-1)).toBe('and 10 more alerts');
  });

  test('what is silenced is kept back, and so is its end', async () => {
    const { notifier: one, sent } = notifier(['mem*']);
    expect(one.add(ONE)).toBe('s');
    expect(one.add({ ...ONE, rule: 'hang' })).toBeUndefined();
    one.add({ ...ONE, rule: 'hang', state: 'resolved' });
    one.add({ ...ONE, rule: 'never-told', state: 'resolved' });
    await one.close();
    expect(sent).toEqual([['alert firing: hang (major): much', 'alert resolved: hang (major): much']]);
  });
});

describe('silences', () => {
  const silence = {
    id: 's',
    rule: 'mem*',
    labels: { machine: 'guest-*' },
    until: '2026-01-01T01:00:00Z',
    comment: 'a build',
  };
  const at = Date.parse('2026-01-01T00:30:00Z');

  test.each([
    ['memory', { machine: 'guest-2' }, at, true],
    ['memory', { machine: 'host' }, at, false],
    ['memory', {}, at, false],
    ['a-memory', { machine: 'guest-2' }, at, false],
    ['memory', { machine: 'guest-2' }, at + 3_600_000, false],
  ])('%s %o', (rule, labels, now, expected) => {
    expect(silenceOf({ rule, labels: labels as Record<string, string> }, [silence], now) !== undefined).toBe(expected);
  });

  test('many stars take no time', () => {
    const evil = { ...silence, rule: '*a'.repeat(2000), labels: {} };
    expect(silenceOf({ rule: 'a'.repeat(1999), labels: {} }, [evil], at)).toBeUndefined();
    expect(silenceOf({ rule: 'a'.repeat(2000), labels: {} }, [evil], at)).toBe(evil);
  });

  test('are kept in a file, and go when they have run out', () => {
    const file = join(folder(), 'new', 'silences.json');
    expect(readSilences(file, at)).toEqual([]);
    writeSilences(file, [silence]);
    expect(readSilences(file, at)).toEqual([silence]);
    expect(readSilences(file, at + 3_600_000)).toEqual([]);
    writeFileSync(file, '{"schema":"other"}');
    expect(() => readSilences(file, at)).toThrow('does not hold silences');
  });
});
