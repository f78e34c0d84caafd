import { useState } from 'preact/hooks';
import type { PatternItem } from '../../model/dashboard.ts';
import { Badge } from '../parts/badge.tsx';
import { Waiting } from '../parts/failed.tsx';
import { PatternText } from '../parts/pattern.tsx';
import { link } from '../route.ts';
import { useData } from '../use-data.ts';
import { count, shown } from '../words.ts';

/** The catalogue: all known failures, and what is to be done about them. */
export function PatternsView({ chosen }: { readonly chosen: string }) {
  const { value, error } = useData<readonly PatternItem[]>('/api/patterns');
  const [search, setSearch] = useState('');
  const [classification, setClassification] = useState('');
  if (value === undefined) return <Waiting error={error} />;
  const one = value.find(({ id }) => id === chosen);
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  const found = value.filter(
    (pattern) =>
      (classification === '' || pattern.classification === classification) &&
      words.every((word) => `${pattern.id} ${pattern.title} ${pattern.meaning}`.toLowerCase().includes(word)),
  );
  return (
    <>
      <h1>Patterns</h1>
      {chosen !== '' && one === undefined && <p class="note warn">There is no pattern {shown(chosen, 80)}.</p>}
      {one !== undefined && (
        <section class="card chosen" aria-label="Pattern">
          <h2>{shown(one.title, 200)}</h2>
          <p>
            <code>{shown(one.id, 80)}</code> <Badge word={one.severity} />{' '}
            <span class="tag">{shown(one.classification, 60)}</span>{' '}
            <a href={link('incidents', [], { q: one.id })}>where it was seen</a>
          </p>
          <PatternText pattern={one} />
        </section>
      )}
      <div class="bar-of-tools">
        <input
          type="search"
          placeholder="Search patterns (/)"
          aria-label="Search patterns"
          value={search}
          onInput={({ currentTarget }) => setSearch(currentTarget.value)}
        />
        <select
          aria-label="Classification"
          value={classification}
          onChange={({ currentTarget }) => setClassification(currentTarget.value)}
        >
          <option value="">all classifications</option>
          {[...new Set(value.map((pattern) => pattern.classification))].sort().map((name) => (
            <option key={name} value={name}>
              {shown(name, 60)}
            </option>
          ))}
        </select>
        <span class="dim" role="status">
          {count(found.length)} of {count(value.length)}
        </span>
      </div>
      <table class="rows">
        <thead>
          <tr>
            <th scope="col">Severity</th>
            <th scope="col">Pattern</th>
            <th scope="col">Classification</th>
          </tr>
        </thead>
        <tbody>
          {found.map(({ id, title, severity, classification: group }) => (
            <tr key={id} aria-current={id === chosen ? 'true' : undefined}>
              <td>
                <Badge word={severity} />
              </td>
              <td>
                <a href={link('patterns', [id])} data-row>
                  {shown(title, 200)}
                </a>
                <div class="dim">
                  <code>{shown(id, 80)}</code>
                </div>
              </td>
              <td>{shown(group, 60)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}
