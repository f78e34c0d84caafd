import type { SampleUnit, TimelineSpan } from '../model/timeline.ts';
import { walkNested } from './nest.ts';
import { SpanStore, trackName } from './span-store.ts';
import type { TimelineSink, TimelineSurface } from './timeline-sink.ts';

/** Stacks that differ; what comes then is counted as one. */
const MAX_STACKS = 200_000;
const OTHERS = '[other stacks]';

/**
 * Stacks with their weights, one a line, `outermost;…;innermost 12`, as flamegraph.pl and inferno take them. Of stacks that were sampled it
 * counts the samples; of a trace without them the microseconds that spans took themselves. Units are not mixed: one is written, and what is
 * left out is told.
 */
export function openFolded({ write, warn }: TimelineSurface): TimelineSink {
  const stacks: Record<SampleUnit, Map<string, number>> = {
    samples: new Map(),
    hits: new Map(),
    nanoseconds: new Map(),
  };
  const spans = new SpanStore(warn);
  let loose = 0;
  return {
    item(item) {
      if (item.kind === 'sample') {
        const owner =
          item.track === null ? [] : [item.track.kind === 'cpu' ? trackName(item.track, true) : item.track.name];
        add(stacks[item.unit], [...owner, ...item.stack], item.weight);
      } else if (item.kind === 'span') {
        if (item.loose) loose++;
        else spans.add(item);
      }
    },
    close() {
      const units = (Object.keys(stacks) as SampleUnit[]).filter((unit) => stacks[unit].size > 0);
      const [unit, ...others] = units;
      if (unit === undefined && loose > 0) warn(`${loose} spans that overlap, such as held locks, have no stack`);
      if (others.length > 0) warn(`the weights are ${unit}; stacks in ${others.join(' and ')} are left out`);
      for (const [stack, weight] of unit === undefined ? ownTimes(spans) : stacks[unit])
        if (Math.round(weight) > 0) write(`${stack} ${Math.round(weight)}\n`);
    },
  };
}

function ownTimes(store: SpanStore): Map<string, number> {
  const times = new Map<string, number>();
  for (const { name, spans } of store.tracks()) foldTrack(name, spans, times);
  return times;
}

function foldTrack(track: string, spans: TimelineSpan[], times: Map<string, number>): void {
  walkNested(spans, { close: (stack, _, own) => add(times, [track, ...stack], own) });
}

function add(stacks: Map<string, number>, frames: readonly string[], weight: number): void {
  const stack = frames.map(frameText).join(';');
  const key = stacks.has(stack) || stacks.size < MAX_STACKS ? stack : OTHERS;
  stacks.set(key, (stacks.get(key) ?? 0) + weight);
}

/** Semicolons stand between frames and line ends between stacks; names of tasks may hold both. */
function frameText(frame: string): string {
  const text = frame
    .replaceAll(';', ':')
    .replaceAll(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, '?')
    .trim();
  return text === '' ? '[unnamed]' : text;
}
