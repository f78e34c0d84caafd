import { formatBytes } from '../base/text.ts';
import type { Anchors } from './anchors.ts';
import { latencyChart, type Mark, micros, timeChart } from './chart.ts';
import { type Content, html, Markup } from './markup.ts';
import type { Recording, Story } from './story.ts';

/** Recordings whose curves are drawn. */
const MAX_RECORDINGS = 8;

/** Rates, latencies and resources of each recording over time, incidents marked. */
export function chartSections({ recordings }: Story, anchors: Anchors): Content {
  const drawn = recordings.slice(0, MAX_RECORDINGS).map((recording) => chartsOf(recording, anchors));
  const left = recordings.length - MAX_RECORDINGS;
  const all = drawn.filter((charts) => charts.length > 0);
  return html`<h2 id="charts">Charts</h2>
${all.length === 0 ? html`<p class="dim">Nothing was measured over time.</p>` : html`<p class="dim">Time is since the start of the recording. Marked: incidents, from their first finding to their end.</p>`}
${recordings.slice(0, MAX_RECORDINGS).map(({ name }, i) => html`${recordings.length > 1 && html`<h3>${name}</h3>`}${drawn[i]}`)}
${left > 0 && html`<p class="dim">The curves of ${left} more recordings are left out.</p>`}
`;
}

function chartsOf({ metrics, endNs, incidents }: Recording, anchors: Anchors): readonly Content[] {
  const until = endNs / 1e9;
  const marks = incidents.flatMap(({ id, title, atNs, endNs: end }): Mark[] => {
    const anchor = anchors.incident(id);
    return anchor === undefined
      ? []
      : [{ from: atNs / 1e9, to: (end ?? atNs) / 1e9, label: title, href: `#${anchor}` }];
  });
  const chart = (title: string, curves: Recording['metrics']['cpu'], unit: (value: number) => string) =>
    timeChart({ title, curves, unit, until, marks });
  const perSecond = (value: number) => `${value < 10 ? Math.round(value * 10) / 10 : Math.round(value)}/s`;
  const percent = (value: number) => `${Math.round(value)} %`;
  return [
    chart('Operations a second', metrics.rates, perSecond),
    chart('Latency of operations', metrics.latencies, micros),
    chart('CPU use', metrics.cpu, percent),
    chart('Memory use', metrics.memory, percent),
    chart('Disk, bytes a second', metrics.disk, formatBytes),
    chart('Events of this tool a second', metrics.events, perSecond),
    latencyChart('How long operations took', metrics.operations),
    latencyChart('How long locks were waited for', metrics.waits),
  ].filter((content) => content instanceof Markup);
}
