import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../guest/paths.ts';
import { type Finding, isFinding } from '../model/event.ts';
import { openLibrary } from './library.ts';
import { Pipeline } from './pipeline.ts';
import { warmUp } from './warm-up.ts';

const NL = 0x0a;

/** Milliseconds within the process, a sample a finding: on the clock, which other programs have a share of, and of processors, all threads. */
export interface LiveLatencies {
  readonly clock: LiveSamples;
  readonly processor: LiveSamples;
}

export interface LiveSamples {
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
  const samples = METERS.map((meter) => ({ meter, first: [] as number[], last: [] as number[] }));
  for (let i = 0; i < times; i++) {
    for (const lines of consoles) {
      /** When each line was pushed, by each meter, and what was told already. */
      const pushed: number[][] = [];
      const told = new Set<string>();
      const tell = ({ id, final, source }: Finding) => {
        for (const [m, { meter, first, last }] of samples.entries()) {
          if (final) last.push(meter() - (pushed.at(-1)?.[m] ?? Number.NaN));
          else if (!told.has(id)) first.push(meter() - (pushed[source.line - 1]?.[m] ?? Number.NaN));
        }
        told.add(id);
      };
      const pipeline = new Pipeline({
        ...{ run: 'live', startWall: 0, live: true, matcher, warn: () => {} },
        sink: (event) => {
          if (isFinding(event)) tell(event);
        },
      });
      for (const [at, bytes] of lines.entries()) {
        pushed.push(METERS.map((meter) => meter()));
        pipeline.push({ stream: 'console', observed: at * 1e6, bytes });
      }
      pushed.push(METERS.map((meter) => meter()));
      pipeline.advance(lines.length * 1e6 + 60e9);
    }
  }
  const [clock, processor] = samples.map(({ first, last }) => ({
    first: first.slice(1),
    last,
    cold: first[0] ?? Number.NaN,
  }));
  return { clock, processor } as LiveLatencies;
}

/** In milliseconds: clock, processors. */
const METERS = [
  () => performance.now(),
  () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1000;
  },
];

function linesOf(log: Buffer): Buffer[] {
  const lines: Buffer[] = [];
  for (let from = 0; from < log.length; ) {
    const end = log.indexOf(NL, from) + 1 || log.length;
    lines.push(log.subarray(from, end));
    from = end;
  }
  return lines;
}
