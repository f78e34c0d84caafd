import type { IncidentGroupDetail, PatternItem } from '../../model/dashboard.ts';
import type { Finding } from '../../model/event.ts';
import { Badge } from '../parts/badge.tsx';
import { Waiting } from '../parts/failed.tsx';
import { FindingText } from '../parts/finding.tsx';
import { PatternText } from '../parts/pattern.tsx';
import { encode, link } from '../route.ts';
import { useData } from '../use-data.ts';
import { ago, date, many, shown } from '../words.ts';

/** One failure: what it is, what is known of it, and each time that it was seen. */
export function IncidentView({ fingerprint }: { readonly fingerprint: string }) {
  const { value, error } = useData<IncidentGroupDetail>(`/api/incidents/${encode(fingerprint)}`, 5000);
  const patterns = useData<readonly PatternItem[]>('/api/patterns');
  if (value === undefined) return <Waiting error={error} />;
  const pattern = patterns.value?.find(({ id }) => id === value.pattern);
  return (
    <>
      <p class="dim">
        <a href={link('incidents')}>Incidents</a> / <code>{shown(value.fingerprint, 80)}</code>
      </p>
      <h1>{shown(value.title, 300)}</h1>
      <p>
        <Badge word={value.severity} /> seen {many(value.count, 'time')} in {many(value.runs.length, 'run')}, first{' '}
        {date(value.first)}, last {ago(value.last)}
      </p>
      {pattern !== undefined && (
        <section class="card">
          <h2>
            <a href={link('patterns', [pattern.id])}>{shown(pattern.title, 200)}</a>
          </h2>
          <PatternText pattern={pattern} />
        </section>
      )}
      {value.example !== null && (
        <section class="card">
          <h2>One of them</h2>
          <FindingText finding={value.example as Finding} />
        </section>
      )}
      <h2>Each time</h2>
      <table class="rows">
        <thead>
          <tr>
            <th scope="col">When</th>
            <th scope="col">Run</th>
            <th scope="col">Test</th>
            <th scope="col" class="num">
              Event
            </th>
          </tr>
        </thead>
        <tbody>
          {value.occurrences.map(({ run, recording, seq, wall, test }) => (
            <tr key={`${recording} ${seq}`}>
              <td>{date(wall)}</td>
              <td>
                <a href={link('run', [run])}>
                  <code>{shown(run, 30)}</code>
                </a>
              </td>
              <td>{shown(test ?? '–', 80)}</td>
              <td class="num">
                <a href={link('run', [run, 'events', recording], { seq: String(seq) })} data-row>
                  {seq}
                </a>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}
