import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../base/errors.ts';
import type { AlertMessage } from './message.ts';
import type { Channel } from './notifier.ts';
import type { SendOf } from './rule-schema.ts';

const MAX_REDIRECTS = 3;
const FIRST_PAUSE_MS = 500;
/** A body that is larger has fewer alerts in it. */
const MAX_BODY = 64 * 1024;

/**
 * POSTs messages as JSON. What did not get through is tried again, after twice the time: errors of the network, 429 and 5xx. A redirect
 * is followed where it keeps the method (307, 308) and the origin, so that neither a token nor a message gets elsewhere.
 */
export function webhook(
  { url, headers, token, timeout, retries }: SendOf<'webhook'>,
  environment: NodeJS.ProcessEnv,
): Channel {
  const secret = token === undefined ? undefined : environment[token];
  const all = {
    ...headers,
    'content-type': 'application/json',
    ...(secret !== undefined && { authorization: `Bearer ${secret}` }),
  };
  return {
    name: `webhook ${new URL(url).origin}`,
    async send(message, signal) {
      const body = bodyOf(message);
      let pause = FIRST_PAUSE_MS;
      for (let left = retries; ; left--) {
        const outcome = await post(url, all, body, timeout, signal);
        if (outcome === 'ok') return undefined;
        if (left <= 0 || !outcome.again || signal.aborted) return outcome.problem;
        await sleep(pause, undefined, { signal }).catch(() => {});
        pause *= 2;
      }
    },
  };
}

function bodyOf(message: AlertMessage): string {
  for (let keep = message.alerts.length; ; keep = Math.floor(keep / 2)) {
    const alerts = message.alerts.slice(0, keep);
    const body = JSON.stringify({ ...message, alerts, more: message.more + message.alerts.length - keep });
    if (Buffer.byteLength(body) <= MAX_BODY || keep === 0) return body;
  }
}

type Outcome = 'ok' | { readonly problem: string; readonly again: boolean };

async function post(
  url: string,
  headers: Record<string, string>,
  body: string,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<Outcome> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
  const { origin } = new URL(url);
  let to = url;
  try {
    for (let hops = 0; hops <= MAX_REDIRECTS; hops++) {
      const answer = await fetch(to, { method: 'POST', headers, body, redirect: 'manual', signal: limit });
      await answer.body?.cancel();
      const { status } = answer;
      if (status < 300) return 'ok';
      const next = answer.headers.get('location');
      if (status !== 307 && status !== 308)
        return { problem: `answers ${status}`, again: status === 429 || status >= 500 };
      const target = new URL(next ?? '', to);
      if (target.origin !== origin)
        return { problem: `leads to ${target.origin}, which is not followed`, again: false };
      to = target.href;
    }
    return { problem: 'leads on and on', again: false };
  } catch (error) {
    const { cause } = error as { readonly cause?: unknown };
    return { problem: messageOf(cause ?? error), again: true };
  }
}
