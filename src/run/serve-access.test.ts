import { type IncomingHttpHeaders, request } from 'node:http';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RunItem } from '../model/dashboard.ts';
import { copyRecorded, openServed, type Served, storeRecorded } from './dashboard/testing.ts';

const json = async <T>(response: Response): Promise<T> => {
  expect(response.status).toBe(200);
  return (await response.json()) as T;
};

/** As bytes on the wire: fetch would set right what is wrong here. */
function raw(served: Served, method: string, path: string, headers: Readonly<Record<string, string>>, body = '') {
  return new Promise<{ readonly status: number; readonly headers: IncomingHttpHeaders; readonly text: string }>(
    (resolve, reject) => {
      const asked = request({ host: '127.0.0.1', port: served.listening.port, method, path, headers }, (response) => {
        let text = '';
        response.on('data', (bytes) => {
          text += bytes;
        });
        response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }));
      });
      asked.on('error', reject);
      asked.end(body);
    },
  );
}

describe('who may ask for what', () => {
  let served: Served;
  let open: Served;
  let run: string;
  const own = (to: Served) => ({
    host: `127.0.0.1:${to.listening.port}`,
    authorization: `Bearer ${to.listening.token}`,
  });
  beforeAll(async () => {
    const fill = async (folder: string, store: string) => {
      copyRecorded(folder);
      await storeRecorded(store);
    };
    served = await openServed(fill, { allowHosts: ['Traces.example'] });
    open = await openServed(fill, { allowWrites: true });
    run = (await json<RunItem[]>(await open.get('/api/runs')))[0]?.id ?? '';
  });
  afterAll(async () => {
    await served.close();
    await open.close();
  });

  test('health is for all, everything else for who has the token', async () => {
    const host = `127.0.0.1:${served.listening.port}`;
    expect((await raw(served, 'GET', '/healthz', { host })).text).toBe('{"status":"ok"}');
    for (const path of ['/', '/api/runs', '/api/about', `/runs/${run}/report`, '/assets/x.js', '/nothing'])
      expect((await raw(served, 'GET', path, { host })).status, path).toBe(401);
    for (const authorization of [
      'Bearer',
      'Bearer x',
      `Basic ${served.listening.token}`,
      `Bearer ${served.listening.token}x`,
    ])
      expect((await raw(served, 'GET', '/api/runs', { host, authorization })).status, authorization).toBe(401);
    const page = await raw(served, 'GET', '/', { host, accept: 'text/html' });
    expect(page.text).toContain('token=…');
    expect((await raw(served, 'GET', '/api/runs', own(served))).status).toBe(200);
  });

  test('the token of the address becomes a cookie that scripts do not see and that is not the token', async () => {
    const host = `127.0.0.1:${served.listening.port}`;
    const first = await raw(served, 'GET', `/?token=${served.listening.token}&x=1`, { host });
    expect([first.status, first.headers.location]).toEqual([303, '/?x=1']);
    const [cookie = ''] = first.headers['set-cookie'] ?? [];
    expect(cookie).toMatch(/HttpOnly; SameSite=Lax$/);
    expect(cookie).not.toContain(served.listening.token);
    const [pair = ''] = cookie.split(';');
    expect((await raw(served, 'GET', '/api/runs', { host, cookie: pair })).status).toBe(200);
    expect((await raw(served, 'GET', '/api/runs', { host, cookie: `${pair}x` })).status).toBe(401);
    const wrong = await raw(served, 'GET', '/?token=wrong', { host });
    expect([wrong.status, wrong.headers['set-cookie']]).toEqual([401, undefined]);
    const away = await raw(served, 'GET', `//evil.example/?token=${served.listening.token}`, { host });
    expect(away.headers.location).toBe('/evil.example/');
  });

  test('other names of this address are refused (DNS rebinding), those that were allowed are not', async () => {
    const { authorization } = own(served);
    const { port } = served.listening;
    for (const host of [
      'evil.example',
      `evil.example:${port}`,
      '127.0.0.1',
      `127.0.0.1:${port + 1}`,
      `127.0.0.1.evil.example:${port}`,
    ])
      expect((await raw(served, 'GET', '/healthz', { host, authorization })).status, host).toBe(421);
    for (const host of [`localhost:${port}`, `[::1]:${port}`, 'traces.example', `TRACES.example:${port}`])
      expect((await raw(served, 'GET', '/api/about', { host, authorization })).status, host).toBe(200);
  });

  test('every answer says what a browser may do with it', async () => {
    for (const [path, headers] of [
      ['/healthz', {}],
      ['/api/runs', own(served)],
      ['/api/runs', {}],
      ['/nothing', own(served)],
    ] as const) {
      const answer = await raw(served, 'GET', path, { ...own(served), ...headers });
      expect(answer.headers['content-security-policy']).toMatch(
        /^default-src 'none'; script-src 'self'; style-src 'self';/,
      );
      expect(answer.headers['x-content-type-options']).toBe('nosniff');
      expect(answer.headers['cross-origin-resource-policy']).toBe('same-origin');
      expect(answer.headers['access-control-allow-origin']).toBeUndefined();
      expect(answer.headers['cache-control']).toBe('no-store');
    }
  });

  test.each([
    ['/../../../../etc/passwd', 404],
    ['/assets/..%2f..%2f..%2fpackage.json', 404],
    ['/assets/%2e%2e/%2e%2e/package.json', 404],
    ['/%00', 404],
    ['/runs/..%2f..%2fetc/report', 404],
    ['/runs/%2fetc%2fpasswd/report', 404],
    ['/api/runs/..%2f..', 404],
    ['/api/recordings/..%2f..%2fetc/streams/console', 404],
    ['/api/recordings/%2e%2e/streams/..%2fcapture.json', 404],
    ['/%', 404],
    ['/api/runs?limit=-1', 400],
    ['/api/runs?limit=x', 400],
  ])('%s leads nowhere', async (path, status) => {
    const answer = await raw(served, 'GET', path, own(served));
    expect(answer.status).toBe(status);
    expect(answer.text).not.toMatch(/root:|"name": "vexfs-trace"/);
  });

  test('what is too large is refused, whether it says its size or not', async () => {
    expect((await raw(open, 'GET', `/${'x'.repeat(5000)}`, own(open))).status).toBe(414);
    const origin = `http://127.0.0.1:${open.listening.port}`;
    const headers = { ...own(open), origin, 'content-type': 'application/json' };
    const large = JSON.stringify({ run: 'x'.repeat(20_000) });
    const said = { ...headers, 'content-length': String(large.length) };
    expect((await raw(open, 'PUT', '/api/baselines/a', said, large)).status).toBe(413);
    const chunked = { ...headers, 'transfer-encoding': 'chunked' };
    expect((await raw(open, 'PUT', '/api/baselines/a', chunked, large)).status).toBe(413);
    expect((await raw(open, 'GET', '/api/about', { ...own(open), 'x-long': 'x'.repeat(20_000) })).status).toBe(431);
  });

  test('nothing can be changed where that was not allowed', async () => {
    const headers = { ...own(served), origin: `http://127.0.0.1:${served.listening.port}` };
    for (const [method, path] of CHANGES(run))
      expect((await raw(served, method, path, headers)).status, path).toBe(403);
    expect((await raw(served, 'POST', '/api/runs', headers)).status).toBe(405);
  });

  test('pages of others change nothing and read nothing', async () => {
    const origin = `http://127.0.0.1:${open.listening.port}`;
    const cookie =
      (await raw(open, 'GET', `/?token=${open.listening.token}`, own(open))).headers['set-cookie']?.[0]?.split(
        ';',
      )[0] ?? '';
    const { host } = own(open);
    for (const strange of [
      { host, cookie },
      { host, cookie, origin: 'null' },
      { host, cookie, origin: 'https://evil.example' },
      { host, cookie, origin: `http://127.0.0.1:${open.listening.port + 1}` },
      { host, cookie, origin, 'sec-fetch-site': 'same-site' },
      { ...own(open), origin: 'https://evil.example' },
      { ...own(open), 'sec-fetch-site': 'cross-site' },
    ])
      for (const [method, path] of CHANGES(run)) expect((await raw(open, method, path, strange)).status).toBe(403);
    const reading = { host, cookie, 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' };
    expect((await raw(open, 'GET', '/api/runs', reading)).status).toBe(403);
    expect((await json<RunItem>(await open.get(`/api/runs/${run}`))).kept).toBe(false);
  });

  test('what may be changed: kept runs stay, others go out of the store and their folders stay', async () => {
    const origin = `http://127.0.0.1:${open.listening.port}`;
    const ask = async (method: string, path: string) =>
      (await raw(open, method, path, { ...own(open), origin })).status;
    const kept = async () => (await json<RunItem>(await open.get(`/api/runs/${run}`))).kept;
    expect(await ask('PUT', `/api/runs/${run}/kept`)).toBe(200);
    expect(await kept()).toBe(true);
    expect(await ask('DELETE', `/api/runs/${run}`)).toBe(409);
    expect(await ask('DELETE', `/api/runs/${run}/kept`)).toBe(200);
    expect(await ask('DELETE', `/api/runs/${run}`)).toBe(200);
    expect(await json<RunItem>(await open.get(`/api/runs/${run}`))).toMatchObject({ stored: false, events: 223 });
    expect(await ask('DELETE', `/api/runs/${run}`)).toBe(404);
    for (const name of ['..%2fx', '.x', 'a%20b'])
      expect(
        (await raw(open, 'PUT', `/api/baselines/${name}`, { ...own(open), origin }, `{"run":"${run}"}`)).status,
      ).toBe(404);
    const named = await raw(open, 'PUT', '/api/baselines/served', { ...own(open), origin }, `{"run":"${run}"}`);
    expect(named.status).toBe(200);
  });

  test('half a request keeps nobody waiting', async () => {
    const socket = connect(served.listening.port, '127.0.0.1');
    socket.write('GET /api/runs HTTP/1.1\r\nHost: ');
    expect((await served.get('/api/about')).status).toBe(200);
    socket.destroy();
  });
});

const CHANGES = (run: string) =>
  [
    ['PUT', `/api/runs/${run}/kept`],
    ['DELETE', `/api/runs/${run}/kept`],
    ['DELETE', `/api/runs/${run}`],
    ['PUT', '/api/baselines/x'],
  ] as const;
