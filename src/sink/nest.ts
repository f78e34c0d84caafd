import type { TimelineSpan } from '../model/timeline.ts';

/** A span as it stands within others of its track. */
export interface Nested {
  readonly name: string;
  readonly start: number;
  end: number;
}

type Visit = {
  open?(name: string, at: number): void;
  /** `own` is the time that no span within it took. */
  close(stack: readonly string[], at: number, own: number): void;
};

/**
 * Goes through the spans of one track as calls: each opens and closes within the one around it. A span that reaches beyond its parent is cut there,
 * as it is where clocks round.
 */
export function walkNested(spans: TimelineSpan[], visit: Visit): void {
  spans.sort((a, b) => a.start - b.start || b.micros - a.micros);
  const open: (Nested & { inner: number })[] = [];
  const names: string[] = [];
  const close = () => {
    const top = open.at(-1);
    if (top === undefined) return;
    const whole = top.end - top.start;
    visit.close(names, top.end, Math.max(0, whole - top.inner));
    open.pop();
    names.pop();
    const parent = open.at(-1);
    if (parent) parent.inner += whole;
  };
  for (const { name, start, micros } of spans) {
    while (open.length > 0 && (open.at(-1) as Nested).end <= start) close();
    const end = Math.min(start + micros, open.at(-1)?.end ?? Number.POSITIVE_INFINITY);
    open.push({ name, start, end, inner: 0 });
    names.push(name);
    visit.open?.(name, start);
  }
  while (open.length > 0) close();
}
