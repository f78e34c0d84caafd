import type { Context, Hono } from 'hono';
import { refuse } from './guard.ts';
import type { Writes } from './source.ts';

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

/** What may be changed, where that is allowed at all. Done twice is the same as done once. */
export function writeRoutes(app: Hono, writes: Writes | undefined): void {
  const allowed = async (c: Context, work: (writes: Writes) => Promise<boolean>): Promise<Response> => {
    if (writes === undefined) return refuse(c, 403, 'this server changes nothing', 'serve --allow-writes');
    return (await work(writes)) ? c.json({ done: true }) : refuse(c, 404, 'there is no such run');
  };
  app.put('/api/runs/:run/kept', (c) => allowed(c, (may) => may.keep(c.req.param('run'), true)));
  app.delete('/api/runs/:run/kept', (c) => allowed(c, (may) => may.keep(c.req.param('run'), false)));
  app.delete('/api/runs/:run', (c) => allowed(c, (may) => may.remove(c.req.param('run'))));
  app.put('/api/baselines/:name', (c) =>
    allowed(c, async (may) => {
      const { run } = (await c.req.json().catch(() => ({}))) as { readonly run?: unknown };
      const name = c.req.param('name');
      return typeof run === 'string' && NAME.test(name) && may.baseline(name, run);
    }),
  );
}
