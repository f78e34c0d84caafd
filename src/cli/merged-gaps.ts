import type { EventOf } from '../model/event.ts';

type Gap = EventOf<'gap'>;

/** Losses that came one after the other, put together by stream: under load a trace loses something every second. */
export class MergedGaps {
  readonly #streams = new Map<string, Gap>();

  add(gap: Gap): void {
    const key = `${gap.stream} ${gap.unit}`;
    const before = this.#streams.get(key);
    const { cpu: _, ...whole } = gap;
    this.#streams.set(
      key,
      before === undefined ? whole : { ...whole, lost: sum(before.lost, gap.lost), from: before.from },
    );
  }

  /** What came since the last call, one for each stream. */
  take(): readonly Gap[] {
    const gaps = [...this.#streams.values()];
    this.#streams.clear();
    return gaps;
  }
}

/** What is known of it; nothing when nothing is. */
function sum(a: number | null, b: number | null): number | null {
  return a === null ? b : a + (b ?? 0);
}
