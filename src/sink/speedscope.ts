import { toJson } from '../base/text.ts';
import type { SampleUnit, TimelineSpan } from '../model/timeline.ts';
import { walkNested } from './nest.ts';
import { SpanStore, trackName } from './span-store.ts';
import type { TimelineSink, TimelineSurface } from './timeline-sink.ts';

const SCHEMA = 'https://www.speedscope.app/file-format-schema.json';
/** Samples that are kept until the end. */
const MAX_SAMPLES = 500_000;
const UNITS: Readonly<Record<SampleUnit, string>> = { samples: 'none', hits: 'none', nanoseconds: 'nanoseconds' };

/**
 * The file format of speedscope (its npm package holds the schema): a profile of calls for each CPU and task, one of samples for each task or
 * kind of stack. Calls must come in order, so that they are kept until the end; frames are written last, when all are known.
 */
export function openSpeedscope({ write, warn, name, version }: TimelineSurface): TimelineSink {
  const frames = new Frames();
  const spans = new SpanStore(warn);
  const sampled = new Map<
    string,
    { readonly unit: SampleUnit; readonly stacks: number[][]; readonly weights: number[] }
  >();
  let samples = 0;
  return {
    item(item) {
      if (item.kind === 'span' && !item.loose) spans.add(item);
      if (item.kind !== 'sample' || item.stack.length === 0) return;
      samples += 1;
      if (samples > MAX_SAMPLES) {
        if (samples === MAX_SAMPLES + 1) warn(`only the first ${MAX_SAMPLES} stacks are exported`);
        return;
      }
      const title = item.track === null ? `stacks by ${item.unit}` : `stacks of ${trackName(item.track, true)}`;
      const profile = sampled.get(title) ?? { unit: item.unit, stacks: [], weights: [] };
      sampled.set(title, profile);
      profile.stacks.push(item.stack.map((frame) => frames.index(frame)));
      profile.weights.push(item.weight);
    },
    close() {
      write(
        `{"$schema":${toJson(SCHEMA)},"exporter":${toJson(`vexfs-trace ${version}`)},"name":${toJson(name)},"profiles":[`,
      );
      let written = 0;
      const put = (profile: object) => write(`${written++ === 0 ? '\n' : ',\n'}${toJson(profile)}`);
      for (const track of spans.tracks()) put(evented(track.name, track.spans, frames));
      for (const [title, { unit, stacks, weights }] of sampled) {
        const endValue = weights.reduce((sum, weight) => sum + weight, 0);
        put({ type: 'sampled', name: title, unit: UNITS[unit], startValue: 0, endValue, samples: stacks, weights });
      }
      // A file without a profile opens with an error.
      if (written === 0)
        put({ type: 'sampled', name: 'no stacks', unit: 'none', startValue: 0, endValue: 0, samples: [], weights: [] });
      write(`\n],"shared":{"frames":${toJson(frames.list)}}}\n`);
    },
  };
}

function evented(name: string, spans: TimelineSpan[], frames: Frames): object {
  const events: { type: 'O' | 'C'; frame: number; at: number }[] = [];
  walkNested(spans, {
    open: (frame, at) => events.push({ type: 'O', frame: frames.index(frame), at }),
    close: (stack, at) => events.push({ type: 'C', frame: frames.index(stack.at(-1) ?? ''), at }),
  });
  return {
    type: 'evented',
    name,
    unit: 'microseconds',
    startValue: events[0]?.at ?? 0,
    endValue: events.at(-1)?.at ?? 0,
    events,
  };
}

class Frames {
  readonly list: { readonly name: string }[] = [];
  readonly #indexes = new Map<string, number>();

  index(name: string): number {
    let index = this.#indexes.get(name);
    if (index === undefined) {
      index = this.list.length;
      this.#indexes.set(name, index);
      this.list.push({ name });
    }
    return index;
  }
}
