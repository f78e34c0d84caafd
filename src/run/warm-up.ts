import { setImmediate as turn } from 'node:timers/promises';
import { isFinding } from '../model/event.ts';
import type { Matcher } from '../patterns/match.ts';
import { Pipeline } from './pipeline.ts';

/** When the kernels of these reports had been up for so long, in seconds. */
const UPTIME = 12;
/** All are read so many times: what a first reading is slow at are the expressions, a second one the places that saw no such report. */
const TIMES = 2;

/**
 * Reads a report of every kind, of no meaning, so that the first real one does not wait for parsers, expressions and patterns to be
 * made: that takes ten times as long as reading it. For runs that watch; they have the time while a guest boots. What goes on beside
 * it gets its turn. Gives how many findings it made.
 */
export async function warmUp(matcher: Matcher): Promise<number> {
  const { SAMPLE_REPORTS } = await import('../grammar/samples/samples.ts');
  let findings = 0;
  for (let time = 0; time < TIMES; time++) {
    for (const { text } of SAMPLE_REPORTS) {
      findings += read(stamped(text), matcher);
      await turn();
    }
  }
  return findings;
}

function read(text: string, matcher: Matcher): number {
  let findings = 0;
  const pipeline = new Pipeline({
    ...{ run: 'warm-up', startWall: 0, live: true, matcher },
    sink: (event) => {
      if (isFinding(event) && event.final) findings += 1;
    },
    warn: () => {},
  });
  pipeline.push({ stream: 'console', observed: 0, bytes: Buffer.from(text) });
  pipeline.end();
  return findings;
}

/** As printk stamps lines (kernel/printk/printk.c print_time). */
function stamped(text: string): string {
  const lines = text.trimEnd().split('\n');
  return lines.map((line, i) => `[${(UPTIME + i / 1e6).toFixed(6).padStart(12)}] ${line}\n`).join('');
}
