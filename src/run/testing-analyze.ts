import { join } from 'node:path';
import { Readable } from 'node:stream';
import { packageRoot } from '../guest/paths.ts';
import type { Step } from '../sink/testing.ts';
import { analyze } from './analyze.ts';

/** What `analyze` makes of logs below fixtures/, or of a text. */
export async function stepsOf(files: readonly string[], stdin = ''): Promise<Step[]> {
  const steps: Step[] = [];
  const paths = files.map((file) => (file === '-' ? file : join(packageRoot(), 'fixtures', file)));
  await analyze(paths, Readable.from([Buffer.from(stdin)]), {
    patterns: [],
    keepRaw: true,
    warn: () => {},
    onEvent: (event, about) => steps.push({ event, about }),
    onLog: (log) => steps.push({ log }),
  });
  return steps;
}
