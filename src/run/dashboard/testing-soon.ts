import { expect } from 'vitest';

/** What comes to be so in a while: a busy machine takes several times as long as a quiet one. */
export function soon<T>(ask: () => T, { timeout = 30_000 }: { readonly timeout?: number } = {}) {
  return expect.poll(ask, { timeout });
}
