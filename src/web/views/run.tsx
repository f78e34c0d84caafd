import type { RunDetail } from '../../model/dashboard.ts';
import { useKeys } from '../keys.ts';
import { Badge } from '../parts/badge.tsx';
import { Waiting } from '../parts/failed.tsx';
import { KeepButton } from '../parts/keep-button.tsx';
import { encode, go, link } from '../route.ts';
import { useData } from '../use-data.ts';
import { ago, count, date, shown } from '../words.ts';
import { ConsoleView } from './console.tsx';
import { EventsView } from './events.tsx';
import { OverviewView } from './overview.tsx';
import { ProbesView } from './probes.tsx';
import { Verdicts } from './runs.tsx';
import { TestsView } from './tests.tsx';

const TABS = [
  ['overview', 'Overview'],
  ['events', 'Events'],
  ['console', 'Console'],
  ['probes', 'Probes'],
  ['tests', 'Tests'],
] as const;

interface RunProps {
  readonly id: string;
  readonly tab: string;
  /** The recording that is looked at; the last one unless it is named. */
  readonly recording: string;
  readonly query: URLSearchParams;
  readonly writable: boolean;
}

export function RunView({ id, tab, recording, query, writable }: RunProps) {
  const { value: run, error, again } = useData<RunDetail>(`/api/runs/${encode(id)}`, 2000);
  const chosen = run?.recordings.find((each) => each.id === recording) ?? run?.recordings.at(-1);
  const to = (name: string, which = chosen?.id ?? '') => link('run', which === '' ? [id, name] : [id, name, which]);
  const tabs = TABS.filter(([name]) => name !== 'tests' || (run?.tests.length ?? 0) > 0);
  useKeys(Object.fromEntries(tabs.map(([name], i) => [String(i + 1), () => go(to(name))])));
  if (run === undefined) return <Waiting error={error} />;
  const live = run.state === 'running';
  const props = { run, recording: chosen, live, query };

  return (
    <>
      <div class="head">
        <div>
          <h1>
            {shown(run.name, 80)} <Badge word={run.state} /> <span class="tag">{run.kind}</span>
          </h1>
          <p class="command">vexfs-trace {shown(run.command.join(' '), 400)}</p>
          <p class="dim">
            {date(run.started)} ({ago(run.started)}) · {shown(run.kernel ?? 'kernel unknown', 80)}
            {run.module !== null && ` · module ${shown(run.module, 60)}`} · <code>{run.id}</code>
          </p>
        </div>
        <div class="actions">
          <a class="button" href={`/runs/${encode(run.id)}/report`} target="_blank" rel="noreferrer">
            Report
          </a>
          <a class="button" href={link('compare', [], { a: run.id })}>
            Compare
          </a>
          {writable && run.stored && <KeepButton run={run} onDone={again} />}
        </div>
      </div>
      <dl class="figures wide">
        <Figure name="events" value={count(run.events)} />
        <Figure name="findings" value={count(run.findings)} mood={(run.findings ?? 0) > 0 ? 'bad' : 'good'} />
        <Figure name="incidents" value={count(run.incidents)} />
        <Figure name="recovered" value={count(run.recovered)} />
        <Figure name={run.recordings.length === 1 ? 'guest' : 'guests'} value={count(run.recordings.length)} />
      </dl>
      <Verdicts run={run} />
      {run.recordings.length > 1 && (
        <nav class="pills" aria-label="Guests">
          {run.recordings.map(({ id: each, name }) => (
            <a key={each} href={to(tab, each)} aria-current={each === chosen?.id ? 'page' : undefined}>
              {shown(name, 40)}
            </a>
          ))}
        </nav>
      )}
      <nav class="tabs" aria-label="Parts of this run">
        {tabs.map(([name, text]) => (
          <a key={name} href={to(name)} aria-current={name === tab ? 'page' : undefined}>
            {text}
          </a>
        ))}
      </nav>
      <Part tab={tab} {...props} />
    </>
  );
}

export interface PartProps {
  readonly run: RunDetail;
  readonly recording: RunDetail['recordings'][number] | undefined;
  readonly live: boolean;
  readonly query: URLSearchParams;
}

function Part({ tab, ...props }: PartProps & { readonly tab: string }) {
  if (tab === 'tests') return <TestsView run={props.run} />;
  if (props.recording === undefined) return <p class="note dim">This run has no recording of a guest.</p>;
  const { id } = props.recording;
  switch (tab) {
    case 'events':
      return <EventsView key={id} recording={id} live={props.live} query={props.query} />;
    case 'console':
      return <ConsoleView key={id} recording={id} live={props.live} query={props.query} />;
    case 'probes':
      return <ProbesView key={id} recording={id} live={props.live} />;
    default:
      return <OverviewView key={id} run={props.run} recording={id} live={props.live} />;
  }
}

function Figure({ name, value, mood = '' }: { readonly name: string; readonly value: string; readonly mood?: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd class={mood}>{value}</dd>
    </div>
  );
}
