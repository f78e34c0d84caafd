import { formatMs } from '../base/text.ts';
import type { TestRow } from '../model/run-report.ts';
import type { Verdict } from '../model/test-run.ts';
import { incidentLines } from '../sink/run-text.ts';
import type { Anchors } from './anchors.ts';
import { type Content, html, type Markup } from './markup.ts';
import type { Story } from './story.ts';
import type { Mood } from './verdict.ts';

/** Tests that have a row; of a run of more only those that were not right, and the first of the others. */
const MAX_TESTS = 2000;

const MOODS: Readonly<Record<Verdict, Mood | 'dim'>> = {
  ...{ PASS: 'good', DONE: 'good', FAIL: 'bad', ERROR: 'bad' },
  ...{ MISS: 'warn', SKIP: 'dim' },
};
const RANK: readonly Verdict[] = ['FAIL', 'ERROR', 'MISS', 'PASS', 'DONE', 'SKIP'];

/** Each test with its verdict and what was said, failed ones first. */
export function testSection({ run, recordings }: Story, anchors: Anchors): Content {
  if (run === undefined) return '';
  const byTest = new Map<string, string>();
  for (const { incidents } of recordings)
    for (const { test, id } of incidents) if (test !== undefined && !byTest.has(test)) byTest.set(test, id);
  const tests = run.tests.toSorted((a, b) => RANK.indexOf(a.verdict) - RANK.indexOf(b.verdict));
  const left = tests.length - MAX_TESTS;
  return html`<h2 id="tests">Tests</h2>
<div class="wide"><table class="stack"><thead><tr><th>test</th><th>verdict</th><th>domain</th><th>took</th><th>what was said</th></tr></thead><tbody>
${tests.slice(0, MAX_TESTS).map((test) => row(test, byTest.get(test.id), anchors))}</tbody></table></div>
${left > 0 && html`<p class="warn">${left} more tests, none of them worse, are left out here; summary.json has all.</p>`}
`;
}

function row(test: TestRow, incident: string | undefined, anchors: Anchors): Markup {
  const { id, about, verdict, culprit, domain, durationMs, reason, attempts, guest, findings, seed } = test;
  const told = incidentLines(test);
  const untold = findings.filter((title) => ![reason, ...told].some((line) => line.includes(title)));
  const said = [reason, ...told, ...untold];
  const facts = [about, guest ?? '', attempts > 1 ? `${attempts} attempts` : '', `seed ${seed}`];
  return html`<tr data-find data-verdict="${verdict}" tabindex="-1"><td>${anchors.toIncident(incident, id)}<div class="dim">${facts.filter((part) => part !== '').join(', ')}</div></td><td class="n ${MOODS[verdict]}">${verdict}${culprit !== undefined && html` <span class="dim">(${culprit})</span>`}</td><td class="n">${domain}</td><td class="num">${formatMs(durationMs)}</td><td>${said.filter((text) => text !== '').map((text) => html`<div>${text}</div>`)}</td></tr>
`;
}
