import { useState } from 'preact/hooks';
import type { RunItem } from '../../model/dashboard.ts';
import { Badge, moodOf } from '../parts/badge.tsx';
import { Waiting } from '../parts/failed.tsx';
import { go, link } from '../route.ts';
import { useData } from '../use-data.ts';
import { ago, count, date, many, shown } from '../words.ts';

/** What goes on now, and what was before. */
export function RunsView() {
  const { value, error } = useData<readonly RunItem[]>('/api/runs?limit=500', 2000);
  const [search, setSearch] = useState('');
  const [picked, setPicked] = useState<readonly string[]>([]);
  if (value === undefined) return <Waiting error={error} />;
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  const found = value.filter((run) => words.every((word) => textOf(run).includes(word)));
  const live = found.filter(({ state }) => state === 'running');
  const pick = (id: string) =>
    setPicked((before) => (before.includes(id) ? before.filter((each) => each !== id) : [...before, id].slice(-2)));
  const [b, a] = picked;

  return (
    <>
      <h1>Runs</h1>
      <div class="bar-of-tools">
        <input
          type="search"
          placeholder="Search runs (/)"
          aria-label="Search runs"
          value={search}
          onInput={({ currentTarget }) => setSearch(currentTarget.value)}
        />
        <span class="dim" role="status">
          {found.length === value.length
            ? many(value.length, 'run')
            : `${count(found.length)} of ${count(value.length)}`}
        </span>
        {picked.length > 0 && (
          <button
            type="button"
            disabled={a === undefined}
            onClick={() => go(link('compare', [], { a: a ?? '', b: b ?? '' }))}
          >
            {a === undefined ? 'Pick another to compare' : 'Compare the two'}
          </button>
        )}
      </div>
      {live.length > 0 && (
        <section aria-label="Going on now">
          <h2>Now</h2>
          <div class="cards">
            {live.map((run) => (
              <LiveCard key={run.id} run={run} />
            ))}
          </div>
        </section>
      )}
      <section aria-label="History">
        {live.length > 0 && <h2>History</h2>}
        {value.length === 0 && (
          <p class="note">
            Nothing was recorded yet. <code>vexfs-trace demo</code> makes a run, and it shows up here while it goes on.
          </p>
        )}
        <table class="rows">
          <thead>
            <tr>
              <th scope="col">
                <span class="unseen">Pick to compare</span>
              </th>
              <th scope="col">Run</th>
              <th scope="col">What came of it</th>
              <th scope="col">Kernel</th>
              <th scope="col" class="num">
                Events
              </th>
              <th scope="col" class="num">
                Started
              </th>
            </tr>
          </thead>
          <tbody>
            {found
              .filter(({ state }) => state !== 'running')
              .map((run) => (
                <RunRow key={run.id} run={run} picked={picked.includes(run.id)} onPick={() => pick(run.id)} />
              ))}
          </tbody>
        </table>
      </section>
    </>
  );
}

function LiveCard({ run }: { readonly run: RunItem }) {
  return (
    <a class="card live" href={link('run', [run.id])} data-row>
      <h3>
        <Badge word="running" /> {shown(run.name, 80)}
      </h3>
      <p class="command">{shown(run.command.join(' '), 160)}</p>
      <dl class="figures">
        <Figure name="events" value={run.events} />
        <Figure name="findings" value={run.findings} bad />
        <Figure name="incidents" value={run.incidents} />
        <Figure name="recovered" value={run.recovered} />
      </dl>
      <Verdicts run={run} />
      <p class="dim">
        {many(run.recordings.length, 'guest')} · {shown(run.kernel ?? 'kernel unknown', 60)} · since {ago(run.started)}
      </p>
    </a>
  );
}

function Figure({
  name,
  value,
  bad = false,
}: {
  readonly name: string;
  readonly value: number | null;
  readonly bad?: boolean;
}) {
  return (
    <div>
      <dt>{name}</dt>
      <dd class={bad && (value ?? 0) > 0 ? 'bad' : ''}>{count(value)}</dd>
    </div>
  );
}

function RunRow({
  run,
  picked,
  onPick,
}: {
  readonly run: RunItem;
  readonly picked: boolean;
  readonly onPick: () => void;
}) {
  return (
    <tr>
      <td class="pick">
        <input
          type="checkbox"
          checked={picked}
          onChange={onPick}
          aria-label={`Pick ${shown(run.name, 60)} to compare`}
        />
      </td>
      <td>
        <a href={link('run', [run.id])} data-row>
          {shown(run.name, 80)}
        </a>{' '}
        <span class="tag">{run.kind}</span> {run.kept && <span class="tag">kept</span>}
        {run.state === 'cut off' && <Badge word="cut off" />}
        <div class="command">{shown(run.command.join(' '), 120)}</div>
      </td>
      <td>
        <Verdicts run={run} />
        <Findings run={run} />
      </td>
      <td class="small">{shown(run.kernel ?? '–', 60)}</td>
      <td class="num" data-name="events">
        {count(run.events)}
      </td>
      <td class="num" title={run.started ?? ''}>
        {date(run.started)}
      </td>
    </tr>
  );
}

function Findings({ run: { findings, incidents, recovered } }: { readonly run: RunItem }) {
  if (findings === null) return <span class="dim">–</span>;
  if (findings === 0) return <span class="good">nothing found</span>;
  return (
    <span>
      <b class="bad">{many(findings, 'finding')}</b>, {count(recovered)} of {many(incidents ?? 0, 'incident')} recovered
    </span>
  );
}

/** How many tests came to what, as a bar. */
export function Verdicts({ run: { verdicts } }: { readonly run: RunItem }) {
  const all = Object.entries(verdicts ?? {}).filter(([, n]) => n > 0);
  if (all.length === 0) return null;
  return (
    <div class="verdicts" role="img" aria-label={all.map(([name, n]) => `${n} ${name}`).join(', ')}>
      {all.map(([name, n]) => (
        <span key={name} class={moodOf(name)} style={{ flexGrow: n }}>
          {n} {name}
        </span>
      ))}
    </div>
  );
}

function textOf({ name, id, command, kernel, kind, module, state }: RunItem): string {
  return `${name} ${id} ${command.join(' ')} ${kernel ?? ''} ${kind} ${module ?? ''} ${state}`.toLowerCase();
}
