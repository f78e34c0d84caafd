import { useEffect, useRef, useState } from 'preact/hooks';
import type { StreamItem } from '../../model/dashboard.ts';
import { ApiError, askBytes } from '../api.ts';
import { useKeys } from '../keys.ts';
import { Waiting } from '../parts/failed.tsx';
import { VirtualList } from '../parts/virtual-list.tsx';
import { encode } from '../route.ts';
import { useData } from '../use-data.ts';
import { formatBytes, shown } from '../words.ts';

interface ConsoleProps {
  readonly recording: string;
  readonly live: boolean;
  readonly query: URLSearchParams;
}

/** Bytes that are looked at together; further ones take their place. */
const WINDOW = 192 << 10;
const STEP = 128 << 10;
const ROW = 19;
const EVERY_MS = 1000;

interface Shown {
  readonly from: number;
  readonly size: number;
  readonly lines: readonly string[];
}

/** The bytes that a guest has sent, a window of them at a time, as lines in which control characters are visible. */
export function ConsoleView({ recording, live, query }: ConsoleProps) {
  const base = `/api/recordings/${encode(recording)}/streams`;
  const streams = useData<readonly StreamItem[]>(base, live ? 5000 : 0);
  const [stream, setStream] = useState('console');
  const [from, setFrom] = useState(Number(query.get('byte') ?? -WINDOW));
  const [text, setText] = useState<Shown>();
  const [problem, setProblem] = useState<ApiError>();
  const [follow, setFollow] = useState(live);
  const [search, setSearch] = useState('');
  const size = useRef(-1);

  useEffect(() => {
    let gone = false;
    let timer = 0;
    const load = async () => {
      try {
        const start = follow ? -WINDOW : from;
        const got = await askBytes(`${base}/${stream}?from=${start}&length=${WINDOW}`);
        if (gone) return;
        setProblem(undefined);
        if (!follow || got.size !== size.current)
          setText({ from: got.from, size: got.size, lines: linesOf(got.bytes, got.from) });
        size.current = got.size;
      } catch (error) {
        if (!gone && error instanceof ApiError) setProblem(error);
      }
      if (!gone && live && follow) timer = window.setTimeout(load, EVERY_MS);
    };
    size.current = -1;
    void load();
    return () => {
      gone = true;
      clearTimeout(timer);
    };
  }, [base, stream, from, follow, live]);
  useKeys({ f: () => setFollow(!follow) });

  const all = text?.lines ?? [];
  const words = search.toLowerCase();
  const lines = words === '' ? all : all.filter((line) => line.toLowerCase().includes(words));
  const go = (to: number) => {
    setFollow(false);
    setFrom(Math.max(0, to));
  };
  const start = text?.from ?? 0;
  const end = Math.min(start + WINDOW, text?.size ?? 0);
  return (
    <div class="split">
      <div class="bar-of-tools">
        <input
          type="search"
          placeholder="Search what is shown (/)"
          aria-label="Search the console"
          value={search}
          onInput={({ currentTarget }) => setSearch(currentTarget.value)}
        />
        <select aria-label="Stream" value={stream} onChange={({ currentTarget }) => setStream(currentTarget.value)}>
          {(streams.value ?? [{ name: 'console', bytes: 0 }]).map(({ name, bytes }) => (
            <option key={name} value={name}>
              {name} ({formatBytes(bytes)})
            </option>
          ))}
        </select>
        <button type="button" disabled={start === 0} onClick={() => go(0)}>
          First
        </button>
        <button type="button" disabled={start === 0} onClick={() => go(start - STEP)}>
          Earlier
        </button>
        <button type="button" disabled={end >= (text?.size ?? 0)} onClick={() => go(start + STEP)}>
          Later
        </button>
        <button type="button" aria-pressed={follow} onClick={() => setFollow(!follow)} title="Keep to the end (f)">
          Follow
        </button>
        <span class="dim" role="status">
          {formatBytes(start)} to {formatBytes(end)} of {formatBytes(text?.size ?? 0)}
        </span>
      </div>
      {text === undefined ? (
        <Waiting error={problem} />
      ) : (
        <VirtualList
          count={lines.length}
          rowHeight={ROW}
          label="Console"
          follow={follow}
          onFollow={(now) => now && end >= text.size && setFollow(now)}
          row={(i) => (
            <div key={i} class={`console-line ${moodOf(lines[i] ?? '')}`}>
              {lines[i]}
            </div>
          )}
        />
      )}
    </div>
  );
}

const MAX_LINE = 1000;

function linesOf(bytes: Uint8Array, from: number): readonly string[] {
  const text = new TextDecoder().decode(bytes);
  const lines = text.split(/\r*\n/).map((line) => shown(line, MAX_LINE));
  // The first one is most likely half a line.
  if (from > 0) lines[0] = `…${lines[0]}`;
  if (lines.at(-1) === '') lines.pop();
  return lines;
}

/** Words that stand out to the eye; what a line is said by the events, not here. */
function moodOf(line: string): string {
  if (/BUG:|Oops:|Kernel panic|KASAN:|UBSAN:|KCSAN:|general protection fault|Call Trace:|RIP:/.test(line)) return 'bad';
  return /WARNING:|blocked for more than|detected stalls?|possible circular locking/.test(line) ? 'warn' : '';
}
