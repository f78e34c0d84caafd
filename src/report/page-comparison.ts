import type { Comparison, ComparisonRow, PairComparison } from '../model/comparison.ts';
import { changeLines } from '../sink/comparison-lines.ts';
import { amount, percent, probability, signedPercent } from '../sink/comparison-numbers.ts';
import { type Content, html, type Markup } from './markup.ts';
import type { Mood } from './verdict.ts';

/** Rows of the table; those that have changed come first, and of more only they. */
const MAX_ROWS = 500;

const MOODS: Readonly<Record<ComparisonRow['verdict'], Mood | 'dim'>> = { worse: 'bad', better: 'good', same: 'dim' };
const RANK: readonly ComparisonRow['verdict'][] = ['worse', 'better', 'same'];

/** What is not as it was in the baseline: each metric with its test and interval, then findings, verdicts, and what else has changed. */
export function comparisonSection(comparison: Comparison | undefined): Content {
  if (comparison === undefined) return '';
  return html`<h2 id="comparison">Compared with ${comparison.baseline}</h2>
${comparison.pairs.map((pair) => pairPart(pair))}`;
}

function pairPart(pair: PairComparison): Markup {
  const rows = pair.rows.toSorted((a, b) => RANK.indexOf(a.verdict) - RANK.indexOf(b.verdict));
  const left = rows.length - MAX_ROWS;
  const count = (verdict: ComparisonRow['verdict']) => rows.filter((row) => row.verdict === verdict).length;
  return html`<p class="${count('worse') > 0 ? 'bad' : 'dim'}">${count('worse')} metrics are worse, ${count('better')} better, ${count('same')} not known to differ.</p>
${
  rows.length > 0 &&
  html`<div class="wide"><table><thead><tr><th>metric</th><th>before</th><th>now</th><th>change</th><th>at 95 %</th><th>p</th><th>n</th></tr></thead><tbody>
${rows.slice(0, MAX_ROWS).map(rowOf)}</tbody></table></div>`
}
${left > 0 && html`<p class="dim">${left} more rows that are not worse are left out here.</p>`}
${parts(changeLines(pair))}
`;
}

function rowOf({ metric, unit, before, after, verdict, delta, interval, p }: ComparisonRow): Markup {
  const side = ({ median, spread }: ComparisonRow['before']) =>
    `${amount(median, unit)} ± ${spread === null ? '∞' : percent(spread)}`;
  return html`<tr data-find tabindex="-1"><td class="mono">${metric}</td><td class="num">${side(before)}</td><td class="num">${side(after)}</td><td class="num ${MOODS[verdict]}">${verdict === 'same' ? '~' : signedPercent(delta)}</td><td class="num">${signedPercent(interval[0])} … ${signedPercent(interval[1])}</td><td class="num">${probability(p)}</td><td class="num">${before.n}+${after.n}</td></tr>
`;
}

/** A line that is not indented is the head of those below it. */
function parts(lines: readonly string[]): Content {
  const lists: { readonly title: string; readonly items: string[] }[] = [];
  for (const line of lines) {
    if (line.startsWith('  ')) lists.at(-1)?.items.push(line.trim());
    else lists.push({ title: line, items: [] });
  }
  return lists.map(
    ({ title, items }) => html`<h3>${title}</h3><ul>${items.map((item) => html`<li>${item}</li>`)}</ul>`,
  );
}
