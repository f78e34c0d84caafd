import { sha256 as digest } from '@noble/hashes/sha2.js';

/** In JavaScript: what Node has for it takes longer to load than a short log to read. For texts of some hundred characters. */
export function sha256(text: string): Buffer {
  return Buffer.from(digest(Buffer.from(text)));
}
