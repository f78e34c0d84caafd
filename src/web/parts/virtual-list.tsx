import type { ComponentChildren } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';

interface ListProps {
  readonly count: number;
  /** Pixels; all rows are of one height. */
  readonly rowHeight: number;
  readonly row: (index: number) => ComponentChildren;
  /** Keeps to the end as it grows. */
  readonly follow: boolean;
  /** The reader has left the end, or come back to it. */
  readonly onFollow: (follow: boolean) => void;
  readonly label: string;
  /** A row to go to. */
  readonly goTo?: number | undefined;
}

const BEYOND = 12;

/** Rows of which only those exist that can be seen, however many there are. */
export function VirtualList({ count, rowHeight, row, follow, onFollow, label, goTo }: ListProps) {
  const box = useRef<HTMLDivElement>(null);
  const [view, setView] = useState({ top: 0, height: 600 });
  /** Where it was put last, so that it can be told from where the reader went. */
  const put = useRef(-1);

  useEffect(() => {
    const element = box.current;
    if (element === null) return;
    const measure = () => setView((before) => ({ ...before, height: element.clientHeight }));
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  useLayoutEffect(() => {
    const element = box.current;
    if (element === null || !follow) return;
    element.scrollTop = element.scrollHeight;
    put.current = element.scrollTop;
  }, [follow, count, rowHeight, view.height]);
  useLayoutEffect(() => {
    const element = box.current;
    if (element === null || goTo === undefined || goTo < 0) return;
    element.scrollTop = Math.max(0, (goTo - 3) * rowHeight);
    put.current = element.scrollTop;
  }, [goTo]);

  const scrolled = () => {
    const element = box.current;
    if (element === null) return;
    setView({ top: element.scrollTop, height: element.clientHeight });
    if (element.scrollTop === put.current) return;
    const atEnd = element.scrollTop + element.clientHeight >= element.scrollHeight - rowHeight * 2;
    if (atEnd !== follow) onFollow(atEnd);
  };
  // Where it will be in a moment: rows that come fast would else be drawn where nobody looks any more.
  const top = follow ? Math.max(0, count * rowHeight - view.height) : view.top;
  const first = Math.max(0, Math.floor(top / rowHeight) - BEYOND);
  const last = Math.min(count, Math.ceil((top + view.height) / rowHeight) + BEYOND);
  const rows = [];
  for (let i = first; i < last; i++) rows.push(row(i));
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keyboard
    <section class="list" ref={box} onScroll={scrolled} tabIndex={0} aria-label={label}>
      <div style={{ height: `${count * rowHeight}px` }}>
        <div style={{ transform: `translateY(${first * rowHeight}px)` }}>{rows}</div>
      </div>
    </section>
  );
}
