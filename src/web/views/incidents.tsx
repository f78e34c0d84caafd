import { useEffect, useState } from 'preact/hooks';
import type { IncidentGroup } from '../../model/dashboard.ts';
import { Badge } from '../parts/badge.tsx';
import { Waiting } from '../parts/failed.tsx';
import { encode, link } from '../route.ts';
import { useData } from '../use-data.ts';
import { ago, count, date, many, shown } from '../words.ts';

const SEVERITIES = ['fatal', 'critical', 'major', 'minor', 'info'];
const MAX_ROWS = 500;
const QUIET_MS = 200;

/** Failures of all runs, each once, by what they are. */
export function IncidentsView({ search: asked }: { readonly search: string }) {
  const [typed, setTyped] = useState(asked);
  const [search, setSearch] = useState(asked);
  const [severity, setSeverity] = useState('');
  useEffect(() => {
    setTyped(asked);
    setSearch(asked);
  }, [asked]);
  useEffect(() => {
    const timer = window.setTimeout(() => setSearch(typed), QUIET_MS);
    return () => clearTimeout(timer);
  }, [typed]);
  const { value, error } = useData<readonly IncidentGroup[]>(`/api/incidents?q=${encode(search)}`, 5000);
  const groups = (value ?? []).filter((group) => severity === '' || group.severity === severity);
  return (
    <>
      <h1>Incidents</h1>
      <div class="bar-of-tools">
        <input
          type="search"
          placeholder="Title, kind, file, pattern, fingerprint (/)"
          aria-label="Search incidents"
          value={typed}
          onInput={({ currentTarget }) => setTyped(currentTarget.value)}
        />
        <select
          aria-label="Severity"
          value={severity}
          onChange={({ currentTarget }) => setSeverity(currentTarget.value)}
        >
          <option value="">all severities</option>
          {SEVERITIES.map((name) => (
            <option key={name} value={name}>
              {name}
            </option>
          ))}
        </select>
        <span class="dim" role="status">
          {value === undefined ? '' : many(groups.length, 'failure')}
        </span>
      </div>
      {value === undefined ? (
        <Waiting error={error} />
      ) : groups.length === 0 ? (
        <p class="note dim">{search === '' ? 'No run has found anything yet.' : 'Nothing has all of these words.'}</p>
      ) : (
        <table class="rows">
          <thead>
            <tr>
              <th scope="col">Severity</th>
              <th scope="col">Failure</th>
              <th scope="col" class="num">
                Times
              </th>
              <th scope="col" class="num">
                Runs
              </th>
              <th scope="col" class="num">
                First
              </th>
              <th scope="col" class="num">
                Last
              </th>
            </tr>
          </thead>
          <tbody>
            {groups.slice(0, MAX_ROWS).map((group) => (
              <Group key={group.fingerprint} group={group} />
            ))}
          </tbody>
        </table>
      )}
      {groups.length > MAX_ROWS && <p class="dim">The last {MAX_ROWS} are shown: search for the others.</p>}
    </>
  );
}

function Group({
  group: { fingerprint, title, kind, severity, guiltyFile, pattern, count: times, runs, first, last },
}: {
  readonly group: IncidentGroup;
}) {
  return (
    <tr>
      <td>
        <Badge word={severity} />
      </td>
      <td>
        <a href={link('incident', [fingerprint])} data-row>
          {shown(title, 300) || '(no title)'}
        </a>
        <div class="dim">
          {shown(kind, 60)}
          {guiltyFile !== '' && ` · ${shown(guiltyFile, 120)}`}
          {pattern !== null && ` · ${shown(pattern, 80)}`}
        </div>
      </td>
      <td class="num" data-name="times">
        {count(times)}
      </td>
      <td class="num" data-name="runs">
        {count(runs.length)}
      </td>
      <td class="num" title={first ?? ''}>
        {date(first)}
      </td>
      <td class="num" title={last ?? ''}>
        {ago(last)}
      </td>
    </tr>
  );
}
