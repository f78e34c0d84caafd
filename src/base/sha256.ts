import { lazy } from './lazy.ts';

/** What computes hashes takes longer to load than a short clean log to read; that has none to compute. */
const crypto = lazy(() => process.getBuiltinModule('node:crypto'));

export function sha256(text: string): Buffer {
  return crypto().createHash('sha256').update(text).digest();
}
