import { useState } from 'preact/hooks';
import type { RunDetail } from '../../model/dashboard.ts';
import { Badge } from '../parts/badge.tsx';
import { formatMs, shown } from '../words.ts';

/** The tests of a run, those first that are not right. */
export function TestsView({ run }: { readonly run: RunDetail }) {
  const [verdict, setVerdict] = useState('');
  const verdicts = [...new Set(run.tests.map((test) => test.verdict))];
  const order = ['FAIL', 'ERROR', 'MISS'];
  const rank = (name: string) => (order.includes(name) ? order.indexOf(name) : order.length);
  const tests = run.tests
    .filter((test) => verdict === '' || test.verdict === verdict)
    .toSorted((a, b) => rank(a.verdict) - rank(b.verdict));
  return (
    <>
      <div class="bar-of-tools">
        <select aria-label="Verdict" value={verdict} onChange={({ currentTarget }) => setVerdict(currentTarget.value)}>
          <option value="">all verdicts</option>
          {verdicts.map((name) => (
            <option key={name} value={name}>
              {shown(name, 20)}
            </option>
          ))}
        </select>
      </div>
      <table class="rows">
        <thead>
          <tr>
            <th scope="col">Verdict</th>
            <th scope="col">Test</th>
            <th scope="col">Why</th>
            <th scope="col" class="num">
              Took
            </th>
          </tr>
        </thead>
        <tbody>
          {tests.map((test) => (
            <tr key={`${test.id} ${test.attempt}`} data-row tabIndex={-1}>
              <td>
                <Badge word={test.verdict} />
              </td>
              <td>
                <b>{shown(test.id, 80)}</b> {test.attempt > 1 && <span class="tag">attempt {test.attempt}</span>}
                <div class="dim">
                  {shown(test.domain, 40)}
                  {test.guest !== null && ` · ${shown(test.guest, 40)}`}
                  {test.culprit !== null && ` · ${shown(test.culprit, 20)}`}
                </div>
              </td>
              <td>
                {shown(test.reason, 400)}
                {test.findings.map((title) => (
                  <div key={title} class="dim">
                    {shown(title, 200)}
                  </div>
                ))}
              </td>
              <td class="num">{formatMs(test.durationMs)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}
