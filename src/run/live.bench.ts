import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../guest/paths.ts';
import { type Finding, isFinding } from '../model/event.ts';
import { openLibrary } from './library.ts';
import { Pipeline } from './pipeline.ts';
import { warmUp } from './warm-up.ts';

const NL = 0x0a;

/** Milliseconds within the process, a sample a finding. */
export interface LiveLatencies {
  /** From the first line of a report to the provisional event. */
  readonly first: number[];
  /** From the line or the quiet moment that ends a report to the final event. */
  readonly last: number[];
  /** The very first report of the process. */
  readonly cold: number;
}

/** Feeds the recorded consoles line by line, as a serial port would, `times` times over. */
export async function benchLive(times: number): Promise<LiveLatencies> {
  const matcher = await openLibrary([], () => {});
  // As live runs do.
  await warmUp(matcher);
  const root = join(packageRoot(), 'fixtures/guests');
  const consoles = readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.console'))
    .map((name) => linesOf(readFileSync(join(root, name))));
  const first: number[] = [];
  const last: number[] = [];
  for (let i = 0; i < times; i++) {
    for (const lines of consoles) {
      /** When each line was pushed, and what was told already. */
      const pushed: number[] = [];
      const told = new Set<string>();
      let started = 0;
      const tell = ({ id, final, source }: Finding) => {
        const now = performance.now();
        if (final) last.push(now - started);
        else if (!told.has(id)) first.push(now - (pushed[source.line - 1] ?? Number.NaN));
        told.add(id);
      };
      const pipeline = new Pipeline({
        ...{ run: 'live', startWall: 0, live: true, matcher, warn: () => {} },
        sink: (event) => {
          if (isFinding(event)) tell(event);
        },
      });
      for (const [at, bytes] of lines.entries()) {
        started = performance.now();
        pushed.push(started);
        pipeline.push({ stream: 'console', observed: at * 1e6, bytes });
      }
      started = performance.now();
      pipeline.advance(lines.length * 1e6 + 60e9);
    }
  }
  return { first: first.slice(1), last, cold: first[0] ?? Number.NaN };
}

function linesOf(log: Buffer): Buffer[] {
  const lines: Buffer[] = [];
  for (let from = 0; from < log.length; ) {
    const end = log.indexOf(NL, from) + 1 || log.length;
    lines.push(log.subarray(from, end));
    from = end;
  }
  return lines;
}
