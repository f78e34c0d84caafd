import { useEffect, useRef, useState } from 'preact/hooks';
import type { EventLine } from '../event-line.ts';
import { EVENT_GROUPS, EventLog } from '../event-log.ts';
import { useKeys } from '../keys.ts';
import { Badge } from '../parts/badge.tsx';
import { EventPane } from '../parts/event-pane.tsx';
import { VirtualList } from '../parts/virtual-list.tsx';
import { clock, count } from '../words.ts';

interface EventsProps {
  readonly recording: string;
  readonly live: boolean;
  readonly query: URLSearchParams;
}

const ROW = 26;

/** Events as they come; as many as there are, and only those drawn that are seen. */
export function EventsView({ recording, live, query }: EventsProps) {
  const asked = query.get('seq');
  const [, draw] = useState(0);
  const log = useRef<EventLog | undefined>(undefined);
  const [group, setGroup] = useState('all');
  const [search, setSearch] = useState('');
  const [follow, setFollow] = useState(live && asked === null);
  const [chosen, setChosen] = useState<number | undefined>(asked === null ? undefined : Number(asked));

  useEffect(() => {
    const opened = new EventLog(recording, () => draw((n) => n + 1));
    log.current = opened;
    return () => opened.close();
  }, [recording]);
  useEffect(() => {
    log.current?.want({ group, words: search.toLowerCase().split(/\s+/).filter(Boolean) });
  }, [group, search]);

  const lines = log.current?.lines ?? [];
  const at = chosen === undefined ? -1 : placeOf(lines, chosen);
  const move = (by: number) => {
    const next = lines[Math.min(lines.length - 1, Math.max(0, at < 0 ? lines.length - 1 : at + by))];
    if (next === undefined) return;
    setFollow(false);
    setChosen(next.seq);
  };
  useKeys({ j: () => move(1), k: () => move(-1), f: () => setFollow(!follow), Escape: () => setChosen(undefined) });

  return (
    <div class={chosen === undefined ? 'split' : 'split open'}>
      <div class="bar-of-tools">
        <input
          type="search"
          placeholder="Search events (/)"
          aria-label="Search events"
          value={search}
          onInput={({ currentTarget }) => setSearch(currentTarget.value)}
        />
        <select
          aria-label="Kind of events"
          value={group}
          onChange={({ currentTarget }) => setGroup(currentTarget.value)}
        >
          {EVENT_GROUPS.map((name) => (
            <option key={name} value={name}>
              {name}
            </option>
          ))}
        </select>
        <button type="button" aria-pressed={follow} onClick={() => setFollow(!follow)} title="Keep to the end (f)">
          Follow
        </button>
        <span class="dim" role="status" data-total={log.current?.total ?? 0}>
          {count(lines.length)} of {count(log.current?.total ?? 0)}
          {log.current?.connected === false && ', connecting…'}
        </span>
      </div>
      <VirtualList
        count={lines.length}
        rowHeight={ROW}
        label="Events"
        follow={follow}
        onFollow={setFollow}
        goTo={at < 0 ? undefined : at}
        row={(i) => {
          const line = lines[i];
          return line === undefined ? null : (
            <Row key={line.seq} line={line} chosen={line.seq === chosen} onPick={() => setChosen(line.seq)} />
          );
        }}
      />
      {chosen !== undefined && <EventPane recording={recording} seq={chosen} onClose={() => setChosen(undefined)} />}
    </div>
  );
}

interface RowProps {
  readonly line: EventLine;
  readonly chosen: boolean;
  readonly onPick: () => void;
}

function Row({ line: { seq, at, event, kind, severity, text }, chosen, onPick }: RowProps) {
  return (
    <button
      type="button"
      class={`event ${event}`}
      aria-current={chosen ? 'true' : undefined}
      data-seq={seq}
      tabIndex={-1}
      onClick={onPick}
    >
      <span class="time">{clock(at)}</span>
      <span class="what">
        {event}/{kind}
      </span>
      {severity !== '' && <Badge word={severity} />}
      <span class="text">{text}</span>
    </button>
  );
}

/** Numbers grow, so that halves will do. */
function placeOf(lines: readonly EventLine[], seq: number): number {
  let [low, high] = [0, lines.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((lines[middle]?.seq ?? 0) < seq) low = middle + 1;
    else high = middle;
  }
  return lines[low]?.seq === seq ? low : -1;
}
