import type { Digest, IncidentItem, RunDetail } from '../../model/dashboard.ts';
import { Badge } from '../parts/badge.tsx';
import { Chart } from '../parts/chart.tsx';
import { Waiting } from '../parts/failed.tsx';
import { Timeline } from '../parts/timeline.tsx';
import { encode, link } from '../route.ts';
import { useData } from '../use-data.ts';
import { clock, count, formatBytes, formatMs, shown } from '../words.ts';

interface OverviewProps {
  readonly run: RunDetail;
  readonly recording: string;
  readonly live: boolean;
}

const percent = (value: number) => `${Math.round(value)} %`;
const each = (value: number) =>
  value >= 1000 ? `${(value / 1000).toFixed(1)}k/s` : `${Math.round(value * 10) / 10}/s`;
const bytes = (value: number) => `${formatBytes(value)}/s`;
const micros = (value: number) => formatMs(value / 1000);

const CHARTS = [
  ['events', 'Events', each],
  ['cpu', 'Processor', percent],
  ['memory', 'Memory', percent],
  ['disk', 'Disk', bytes],
  ['rates', 'Operations', each],
  ['latencies', 'Time of operations', micros],
] as const;

/** Timeline, incidents and charts of a recording. */
export function OverviewView({ run, recording, live }: OverviewProps) {
  const { value: digest, error } = useData<Digest>(`/api/recordings/${encode(recording)}`, live ? 2000 : 0);
  if (digest === undefined) return <Waiting error={error} />;
  const marks = digest.incidents.map(({ at, end }) => [at, end ?? digest.seconds] as const);
  return (
    <>
      <Timeline
        seconds={digest.seconds}
        incidents={digest.incidents}
        milestones={digest.milestones}
        onPick={({ id }) => {
          const row = document.getElementById(`incident-${id}`);
          row?.scrollIntoView({ block: 'center' });
          row?.focus();
        }}
      />
      {digest.losses.length > 0 && (
        <p class="note warn">
          Parts of the streams were lost: {shown(digest.losses.slice(0, 3).join('; '), 300)}
          {digest.losses.length > 3 && ` and ${digest.losses.length - 3} more`}
        </p>
      )}
      {digest.damaged > 0 && <p class="note warn">{count(digest.damaged)} lines of the recording are no events.</p>}
      <section aria-label="Incidents">
        <h2>
          Incidents <span class="dim">{count(digest.incidentCount)}</span>
        </h2>
        {digest.incidents.length === 0 && <p class="note good">Nothing broke{live ? ' so far' : ''}.</p>}
        <ul class="incidents">
          {digest.incidents.map((incident) => (
            <Incident
              key={incident.id}
              incident={incident}
              to={(seq) => link('run', [run.id, 'events', recording], { seq: String(seq) })}
            />
          ))}
        </ul>
        {digest.incidentCount > digest.incidents.length && (
          <p class="dim">
            The worst {digest.incidents.length} of {count(digest.incidentCount)} are told.
          </p>
        )}
      </section>
      <section aria-label="Charts">
        <h2>Charts</h2>
        <div class="charts">
          {CHARTS.map(([name, title, format]) => (
            <Chart
              key={name}
              title={title}
              curves={digest.charts[name]}
              seconds={digest.seconds}
              format={format}
              marks={marks}
            />
          ))}
        </div>
      </section>
    </>
  );
}

interface IncidentProps {
  readonly incident: IncidentItem;
  readonly to: (seq: number) => string;
}

function Incident({ incident, to }: IncidentProps) {
  const { id, title, severity, classification, outcome, at, recoveryMs, test, fault, fingerprint, seqs, recoveries } =
    incident;
  const [first] = seqs;
  return (
    <li id={`incident-${id}`} data-row tabIndex={-1} class="card">
      <div class="line">
        <span class="time">{clock(at)}</span>
        <Badge word={severity} />
        {fingerprint === null ? <b>{shown(title)}</b> : <a href={link('incident', [fingerprint])}>{shown(title)}</a>}
        <Badge word={outcome} />
      </div>
      <p class="dim">
        {shown(classification, 60)}
        {test !== null && ` · test ${shown(test, 80)}`}
        {fault !== null && ` · put in on purpose: ${shown(fault, 80)}`}
        {recoveryMs !== null && ` · mended in ${formatMs(recoveryMs)}`}
        {first !== undefined && (
          <>
            {' · '}
            <a href={to(first)}>event {first}</a>
          </>
        )}
      </p>
      {recoveries.length > 0 && (
        <ol class="steps" aria-label="Recovery">
          {recoveries.map(({ action, result, verified }, i) => (
            <li
              key={i}
              class={`badge ${result === 'ok' ? (verified ? 'good' : 'plain') : result === 'failed' ? 'bad' : 'dim'}`}
            >
              {shown(action, 40)}
              {result !== 'ok' && ` ${shown(result, 20)}`}
            </li>
          ))}
        </ol>
      )}
    </li>
  );
}
