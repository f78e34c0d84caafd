import { type Context, Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { ExpectedError } from '../base/errors.ts';
import type { Asset } from './assets.ts';
import { eventRoutes } from './event-routes.ts';
import { type GuardOptions, MAX_BODY, outerGuard, refuse, tokenGuard } from './guard.ts';
import { reportPolicy } from './headers.ts';
import { runRoutes } from './run-routes.ts';
import type { Source, Writes } from './source.ts';
import { writeRoutes } from './write-routes.ts';

export interface AppOptions extends GuardOptions {
  readonly source: Source;
  /** Absent: nothing can be changed. */
  readonly writes?: Writes;
  readonly assets: ReadonlyMap<string, Asset>;
  /** Ends the streams. */
  readonly signal: AbortSignal;
  /** What is wrong here and no fault of who asked. */
  readonly onBug: (error: unknown) => void;
  /** More that is read, behind the token: address and what answers. */
  readonly more?: Readonly<Record<string, () => Promise<{ readonly type: string; readonly text: string }>>>;
}

/** All that is answered. Only `/healthz` needs no token. */
export function createApp(options: AppOptions): Hono {
  const { source, assets, writes, more = {} } = options;
  const app = new Hono();
  app.use(outerGuard(options));
  app.get('/healthz', (c) => c.json({ status: 'ok' }));
  app.use(tokenGuard(options));
  app.use(bodyLimit({ maxSize: MAX_BODY, onError: (c) => refuse(c, 413, `a request may have ${MAX_BODY} bytes`) }));

  app.get('/api/about', async (c) => c.json(await source.about()));
  runRoutes(app, source);
  eventRoutes(app, options);
  writeRoutes(app, writes);
  for (const [address, answer] of Object.entries(more))
    app.get(address, async (c) => {
      const { type, text } = await answer();
      return c.body(text, 200, { 'content-type': type });
    });
  app.get('/runs/:run/report', async (c) => {
    const report = await source.report(c.req.param('run'));
    if (report === undefined) return refuse(c, 404, 'there is no such run');
    return c.body(report.html, 200, {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': reportPolicy(report.html),
    });
  });
  app.get('*', (c) => assetOf(c, assets));
  app.all('*', (c) => refuse(c, 405, `${c.req.method.slice(0, 20)} is nothing that can be done there`));
  app.onError((error, c) => {
    if (error instanceof ExpectedError) return refuse(c, 409, error.message, error.hint);
    options.onBug(error);
    return refuse(c, 500, 'something went wrong here; the server has said what');
  });
  return app;
}

function assetOf(c: Context, assets: ReadonlyMap<string, Asset>): Response {
  const asset = assets.get(new URL(c.req.url).pathname);
  if (asset === undefined) {
    return assets.size === 0
      ? refuse(c, 404, 'the page is not built', 'npm run build')
      : refuse(c, 404, 'there is nothing at this address');
  }
  const zip = c.req.header('accept-encoding')?.includes('gzip') ?? false;
  return c.body(zip ? asset.zipped : asset.bytes, 200, {
    'content-type': asset.type,
    vary: 'accept-encoding',
    ...(zip && { 'content-encoding': 'gzip' }),
    ...(asset.forever && { 'cache-control': 'private, max-age=31536000, immutable' }),
  });
}
