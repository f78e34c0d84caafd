import type { Event } from '../../model/event.ts';
import { encode, link } from '../route.ts';
import { useData } from '../use-data.ts';
import { clock, shown } from '../words.ts';
import { Waiting } from './failed.tsx';
import { FindingText } from './finding.tsx';

interface PaneProps {
  readonly recording: string;
  readonly seq: number;
  readonly onClose: () => void;
}

/** One event in full: what matters in words, and the whole of it as it was written. */
export function EventPane({ recording, seq, onClose }: PaneProps) {
  const path = `/api/recordings/${encode(recording)}/events?after=${seq - 1}&limit=1`;
  const { value, error } = useData<{ readonly events: readonly Event[] }>(path);
  const event = value?.events.find((each) => each.seq === seq);
  const observed = event?.time?.observed;
  return (
    <aside class="pane" aria-label={`Event ${seq}`}>
      <div class="line">
        <h2>
          Event {seq} {observed !== undefined && <span class="dim">{clock(observed / 1e9)}</span>}
        </h2>
        <button type="button" onClick={onClose} title="Close (Esc)">
          Close
        </button>
      </div>
      {event === undefined ? (
        <Waiting error={error} />
      ) : (
        <>
          {'title' in event && <h3>{shown(event.title)}</h3>}
          {'fingerprint' in event && (
            <>
              <FindingText finding={event} />
              <p>
                <a href={link('incident', [String(event.fingerprint)])}>All of this failure</a>
              </p>
            </>
          )}
          <pre class="json">{shownJson(event)}</pre>
        </>
      )}
    </aside>
  );
}

const MAX_JSON = 60_000;

function shownJson(event: unknown): string {
  return JSON.stringify(event, null, 1)
    .slice(0, MAX_JSON)
    .split('\n')
    .map((line) => shown(line))
    .join('\n');
}
