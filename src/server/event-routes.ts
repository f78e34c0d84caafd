import type { Context, Hono } from 'hono';
import { eventStream, lastOf } from './event-stream.ts';
import { refuse } from './guard.ts';
import { whole } from './run-routes.ts';
import type { Source } from './source.ts';

interface EventOptions {
  readonly source: Source;
  readonly signal: AbortSignal;
}

const MAX_PAGE = 1000;
/** Streams that are open at once; a browser opens one for each page. */
const MAX_STREAMS = 256;
const NO_RECORDING = 'there is no such recording';

/** Events of a recording: a page of them behind a number, and all of them as they come. */
export function eventRoutes(app: Hono, { source, signal }: EventOptions): void {
  let streams = 0;

  app.get('/api/recordings/:recording/events', async (c) => {
    const after = whole(c.req.query('after'), -1);
    const limit = whole(c.req.query('limit'), 200);
    if (after === undefined || limit === undefined || limit < 1) return refuse(c, 400, 'after and limit are numbers');
    const feed = await source.feed(c.req.param('recording'));
    if (feed === undefined) return refuse(c, 404, NO_RECORDING);
    try {
      await feed.ready();
      const lines = await feed.page(after, Math.min(limit, MAX_PAGE));
      // They are JSON already.
      const events = lines.map(({ json }) => Buffer.from(json).toString('utf8')).join(',');
      const last = lines.at(-1)?.seq ?? after;
      return c.body(`{"last":${last},"more":${last < feed.last},"events":[${events}]}`, 200, {
        'content-type': 'application/json',
      });
    } finally {
      source.release(feed);
    }
  });

  app.get('/api/recordings/:recording/stream', async (c: Context) => {
    // Hono answers HEAD by what GET would give, and nobody would ever take this.
    if (c.req.method !== 'GET') return refuse(c, 405, 'a stream can only be read');
    const after = lastOf(c.req.header('last-event-id'), c.req.query('after'));
    if (after === undefined) return refuse(c, 400, 'Last-Event-ID is no number of an event');
    if (streams >= MAX_STREAMS) {
      c.header('retry-after', '5');
      return refuse(c, 503, `${MAX_STREAMS} streams are open already`);
    }
    const feed = await source.feed(c.req.param('recording') ?? '');
    if (feed === undefined) return refuse(c, 404, NO_RECORDING);
    streams += 1;
    const body = eventStream(feed, after, signal, () => {
      streams -= 1;
      source.release(feed);
    });
    return c.body(body, 200, { 'content-type': 'text/event-stream; charset=utf-8', 'x-accel-buffering': 'no' });
  });
}
