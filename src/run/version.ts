import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The package's version, from its one source. Works from the sources and from the bundle, which lie equally deep or one up. */
export const VERSION = readVersion(['../package.json', '../../package.json']);

function readVersion(candidates: readonly string[]): string {
  for (const candidate of candidates) {
    try {
      const parsed = JSON.parse(readFileSync(join(import.meta.dirname, candidate), 'utf8')) as {
        name?: string;
        version?: string;
      };
      if (parsed.name === 'vexfs-trace' && parsed.version !== undefined) return parsed.version;
    } catch {
      // The other one.
    }
  }
  return '0.0.0';
}

/** How the tool names itself in what it writes. */
export const TOOL = `vexfs-trace ${VERSION}`;
