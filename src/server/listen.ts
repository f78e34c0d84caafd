import type { Server } from 'node:http';
import { isIPv6 } from 'node:net';
import { serve } from '@hono/node-server';
import { ExpectedError, messageOf } from '../base/errors.ts';
import { type AppOptions, createApp } from './app.ts';
import { Token } from './token.ts';

export interface ListenOptions extends Omit<AppOptions, 'token' | 'hosts' | 'signal'> {
  readonly host: string;
  /** 0: one that is free. */
  readonly port: number;
  /** Names beside the usual ones by which it is called, with or without a port. */
  readonly allowHosts: readonly string[];
  /** Absent: a new one. */
  readonly token?: string;
  /** A socket that takes nothing for so long is cut off; streams send something every 15 s. 60 s when absent. */
  readonly idleMs?: number;
}

export interface Listening {
  /** With the token in it. */
  readonly url: string;
  readonly port: number;
  readonly token: string;
  /** How many are open. */
  connections(): Promise<number>;
  close(): Promise<void>;
}

const LIMITS = {
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  keepAliveTimeout: 5_000,
  maxConnections: 600,
} as const;
const IDLE_MS = 60_000;
const MAX_HEADER = 16 << 10;

/** Listens until it is closed. Fails with exit 3 where the port is taken. */
export async function listen({
  host,
  port,
  allowHosts,
  token: given,
  idleMs = IDLE_MS,
  ...options
}: ListenOptions): Promise<Listening> {
  const ended = new AbortController();
  let token = new Token(port, given);
  let hosts: ReadonlySet<string> = new Set();
  const app = createApp({ ...options, token: () => token, hosts: () => hosts, signal: ended.signal });
  const server = await new Promise<Server>((resolve, reject) => {
    const starting = serve(
      { fetch: app.fetch, hostname: host, port, serverOptions: { maxHeaderSize: MAX_HEADER } },
      () => resolve(starting as Server),
    );
    starting.once('error', (error) =>
      reject(
        new ExpectedError(
          'missing',
          `${host}:${port} cannot be listened on: ${messageOf(error)}`,
          'give another --port',
        ),
      ),
    );
  });
  Object.assign(server, LIMITS);
  server.setTimeout(idleMs);
  const bound = server.address();
  const own = typeof bound === 'object' && bound !== null ? bound.port : port;
  token = new Token(own, token.text);
  hosts = namesOf(host, own, allowHosts);
  return {
    url: `http://${isIPv6(host) ? `[${host}]` : host}:${own}/?token=${token.text}`,
    port: own,
    token: token.text,
    connections: () => new Promise((resolve) => server.getConnections((_, count) => resolve(count))),
    async close() {
      ended.abort();
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}

function namesOf(host: string, port: number, more: readonly string[]): ReadonlySet<string> {
  const loopback = ['127.0.0.1', 'localhost', '[::1]'];
  const names = [...loopback, isIPv6(host) ? `[${host}]` : host].map((name) => `${name}:${port}`);
  // What stands between may be called by another port, or none.
  return new Set([...names, ...more.flatMap((name) => [name, `${name}:${port}`])].map((name) => name.toLowerCase()));
}
