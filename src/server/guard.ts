import type { Context, MiddlewareHandler } from 'hono';
import { getCookie, setCookie } from 'hono/cookie';
import type { Refusal } from '../model/dashboard.ts';
import { SECURITY_HEADERS } from './headers.ts';
import type { Token } from './token.ts';

export interface GuardOptions {
  /** Called late: the port is known when the server listens. */
  readonly token: () => Token;
  /** `host:port` by which this server is called. */
  readonly hosts: () => ReadonlySet<string>;
}

type Status = 400 | 401 | 403 | 404 | 405 | 409 | 413 | 414 | 421 | 500 | 503;

export function refuse(c: Context, status: Status, error: string, next?: string): Response {
  const body: Refusal = { error, ...(next !== undefined && { next }) };
  return c.json(body, status);
}

const READS: ReadonlySet<string> = new Set(['GET', 'HEAD']);
const MAX_URL = 4096;
/** Of what is sent here: a name and a number of a run. */
export const MAX_BODY = 16 << 10;

/** Headers of every answer, and what is refused before anybody is asked who he is. */
export function outerGuard({ hosts }: GuardOptions): MiddlewareHandler {
  return async (c, next) => {
    const refusal = refusalOf(c, hosts());
    // An answer that is there already takes what is missing.
    if (refusal === undefined) await next();
    const response = refusal ?? c.res;
    for (const [name, value] of Object.entries(SECURITY_HEADERS))
      if (!response.headers.has(name)) response.headers.set(name, value);
    return refusal;
  };
}

function refusalOf(c: Context, hosts: ReadonlySet<string>): Response | undefined {
  const host = (c.req.header('host') ?? '').toLowerCase();
  // A name of somebody else's that leads to this address (DNS rebinding) would make its pages pages of this server.
  if (!hosts.has(host))
    return refuse(c, 421, `this server is not called ${host.slice(0, 100)}`, 'add the name with --allow-host');
  if (c.req.raw.url.length > MAX_URL) return refuse(c, 414, 'the address is too long');
  const length = Number(c.req.header('content-length') ?? 0);
  if (!(length <= MAX_BODY)) return refuse(c, 413, `a request may have ${MAX_BODY} bytes`);
  const origin = c.req.header('origin');
  const site = c.req.header('sec-fetch-site');
  if (READS.has(c.req.method)) {
    // A page of somebody else's may lead here, and may not look into what it gets.
    if (site === 'cross-site' && c.req.header('sec-fetch-mode') !== 'navigate')
      return refuse(c, 403, 'pages of other servers may not read this one');
    return undefined;
  }
  const own = origin !== undefined && [...hosts].some((name) => origin === `http://${name}`);
  const fromProgram = origin === undefined && site === undefined && bearer(c) !== undefined;
  if (!(own || fromProgram) || (site !== undefined && site !== 'same-origin'))
    return refuse(c, 403, 'pages of other servers may change nothing here', 'programs send Authorization: Bearer');
  return undefined;
}

/** Who has the token in the address gets a cookie for it and goes on without; others need one or the other. */
export function tokenGuard({ token }: GuardOptions): MiddlewareHandler {
  return async (c, next) => {
    const known = token();
    const given = c.req.query('token');
    if (given !== undefined && READS.has(c.req.method)) {
      if (!known.isToken(given)) return denied(c);
      setCookie(c, known.cookieName, known.cookieValue, { httpOnly: true, sameSite: 'Lax', path: '/' });
      const url = new URL(c.req.url);
      url.searchParams.delete('token');
      // Never another host, whatever stands in the address.
      return c.redirect(`/${url.pathname.replace(/^\/+/, '')}${url.search}`, 303);
    }
    if (!known.isToken(bearer(c)) && !known.isCookie(getCookie(c, known.cookieName))) return denied(c);
    return next();
  };
}

function denied(c: Context): Response {
  c.header('www-authenticate', 'Bearer');
  if (!c.req.header('accept')?.includes('text/html'))
    return refuse(c, 401, 'the token is missing', 'send Authorization: Bearer, or open the address that serve printed');
  return c.html(DENIED, 401);
}

const DENIED = `<!DOCTYPE html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>vexfs-trace</title>
<h1>The token is missing</h1><p>Open the address that <code>vexfs-trace serve</code> has printed: it ends in <code>?token=…</code>.</p></html>
`;

function bearer(c: Context): string | undefined {
  return /^Bearer ([\w.~+/=-]{1,200})$/.exec(c.req.header('authorization') ?? '')?.[1];
}
