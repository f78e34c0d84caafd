import type { ComparisonRow } from '../../model/comparison.ts';
import type { RunComparison, RunItem } from '../../model/dashboard.ts';
import { Badge } from '../parts/badge.tsx';
import { Waiting } from '../parts/failed.tsx';
import { encode, go, link } from '../route.ts';
import { useData } from '../use-data.ts';
import { count, date, shown } from '../words.ts';

/** Two runs side by side. */
export function CompareView({ a, b }: { readonly a: string; readonly b: string }) {
  const runs = useData<readonly RunItem[]>('/api/runs?limit=500', 10_000);
  const both = a !== '' && b !== '';
  const path = `/api/compare?a=${encode(a)}&b=${encode(b)}`;
  const { value, error } = useData<RunComparison>(both ? path : undefined);
  const pick = (side: 'a' | 'b', id: string) => go(link('compare', [], { a, b, [side]: id }));
  return (
    <>
      <h1>Compare</h1>
      <div class="bar-of-tools">
        <RunChoice label="Before" runs={runs.value ?? []} chosen={a} onPick={(id) => pick('a', id)} />
        <RunChoice label="After" runs={runs.value ?? []} chosen={b} onPick={(id) => pick('b', id)} />
        <button type="button" disabled={!both} onClick={() => go(link('compare', [], { a: b, b: a }))}>
          Swap
        </button>
      </div>
      {!both ? (
        <p class="note dim">Choose two runs.</p>
      ) : value === undefined ? (
        <Waiting error={error} />
      ) : (
        <Both value={value} />
      )}
    </>
  );
}

interface ChoiceProps {
  readonly label: string;
  readonly runs: readonly RunItem[];
  readonly chosen: string;
  readonly onPick: (id: string) => void;
}

function RunChoice({ label, runs, chosen, onPick }: ChoiceProps) {
  return (
    <label class="choice">
      {label}
      <select value={chosen} onChange={({ currentTarget }) => onPick(currentTarget.value)}>
        <option value="">a run</option>
        {runs.map(({ id, name, started, kind }) => (
          <option key={id} value={id}>
            {shown(name, 40)} · {kind} · {date(started)}
          </option>
        ))}
      </select>
    </label>
  );
}

function Both({ value: { measured, why, findings } }: { readonly value: RunComparison }) {
  const pair = measured?.pairs[0];
  return (
    <>
      <h2>Failures</h2>
      {findings.length === 0 && <p class="note good">Neither run has found anything.</p>}
      {findings.length > 0 && (
        <table class="rows">
          <thead>
            <tr>
              <th scope="col">Now</th>
              <th scope="col">Failure</th>
              <th scope="col" class="num">
                Before
              </th>
              <th scope="col" class="num">
                After
              </th>
            </tr>
          </thead>
          <tbody>
            {findings.map(({ fingerprint, title, status, before, after }) => (
              <tr key={fingerprint}>
                <td>
                  <Badge word={status} />
                </td>
                <td>
                  <a href={link('incident', [fingerprint])} data-row>
                    {shown(title, 200)}
                  </a>
                </td>
                <td class="num">{count(before)}</td>
                <td class="num">{count(after)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      <h2>Figures</h2>
      {pair === undefined ? (
        <p class="note dim">{shown(why ?? 'There are none.')}</p>
      ) : (
        <>
          {[...pair.notes].map((note) => (
            <p key={note} class="note">
              {shown(note)}
            </p>
          ))}
          {pair.verdicts.length > 0 && (
            <ul>
              {pair.verdicts.map(({ what, before, after }) => (
                <li key={what}>
                  {shown(what, 80)}: <Badge word={before} /> → <Badge word={after} />
                </li>
              ))}
            </ul>
          )}
          {pair.rows.length === 0 ? <p class="note dim">No figure is in both runs.</p> : <Figures rows={pair.rows} />}
          {pair.changes.length > 0 && (
            <>
              <h3>What else differs</h3>
              <ul>
                {pair.changes.map(({ what, before, after }) => (
                  <li key={what}>
                    {shown(what, 80)}: {shown(before, 120)} → {shown(after, 120)}
                  </li>
                ))}
              </ul>
            </>
          )}
        </>
      )}
    </>
  );
}

function Figures({ rows }: { readonly rows: readonly ComparisonRow[] }) {
  const order = ['worse', 'better', 'same'];
  return (
    <table class="rows">
      <thead>
        <tr>
          <th scope="col">Verdict</th>
          <th scope="col">Figure</th>
          <th scope="col" class="num">
            Before
          </th>
          <th scope="col" class="num">
            After
          </th>
          <th scope="col" class="num">
            Change
          </th>
          <th scope="col" class="num">
            p
          </th>
        </tr>
      </thead>
      <tbody>
        {rows
          .toSorted((x, y) => order.indexOf(x.verdict) - order.indexOf(y.verdict))
          .map(({ metric, unit, before, after, delta, p, verdict }) => (
            <tr key={metric} data-row tabIndex={-1}>
              <td>
                <Badge word={verdict} />
              </td>
              <td>{shown(metric, 120)}</td>
              <td class="num">
                {before.median.toPrecision(4)} {shown(unit, 20)}
              </td>
              <td class="num">
                {after.median.toPrecision(4)} {shown(unit, 20)}
              </td>
              <td class="num">
                {delta >= 0 ? '+' : ''}
                {(delta * 100).toFixed(1)} %
              </td>
              <td class="num">{p < 0.001 ? '<0.001' : p.toFixed(3)}</td>
            </tr>
          ))}
      </tbody>
    </table>
  );
}
