import { formatBytes } from '../base/text.ts';
import { count } from '../sink/summary-lines.ts';
import type { Anchors } from './anchors.ts';
import { clock } from './chart.ts';
import { type Content, html, type Markup } from './markup.ts';
import type { Excerpt, LogLine, Recording, Story } from './story.ts';

/** What happened, in its order: boots, tests, incidents, recoveries. */
export function timelineSection({ recordings }: Story, anchors: Anchors): Content {
  return html`<h2 id="timeline">Timeline</h2>
${recordings.length === 0 && html`<p class="dim">There is no recording.</p>`}
${recordings.map((recording) => timelineOf(recording, anchors, recordings.length > 1))}`;
}

function timelineOf({ name, milestones, moreMilestones }: Recording, anchors: Anchors, named: boolean): Markup {
  const rows = milestones.map(
    ({ atNs, what, text, incident }) =>
      html`<tr data-find><td class="num">${clock(atNs / 1e9)}</td><td class="n">${anchors.toIncident(incident, what)}</td><td>${text}</td></tr>
`,
  );
  return html`<details class="inner"${milestones.length <= 60 && html` open`}><summary>${named && html`${name}: `}${count(milestones.length, 'row')}</summary><div class="wide"><table><thead><tr><th>time</th><th>what</th><th></th></tr></thead><tbody>
${rows}</tbody></table></div></details>
${moreMilestones > 0 && html`<p class="warn">${moreMilestones} later rows are left out here; events.ndjson of the recording has all.</p>`}
`;
}

/** Lines around findings as they stand in the raw streams, and where the rest is. */
export function logSection({ recordings }: Story, anchors: Anchors): Content {
  return html`<h2 id="log">Log</h2>
<p class="dim">Lines around findings; control characters are shown as escapes. The whole streams are in the files named below.</p>
${recordings.map(
  (recording) => html`${recordings.length > 1 && html`<h3>${recording.name}</h3>`}
${recording.excerpts.map((excerpt) => excerptPart(excerpt, recording, anchors))}
<ul class="dim">${recording.files.map(({ name, bytes }) => html`<li><code>${name}</code>, ${formatBytes(bytes)}</li>`)}</ul>
`,
)}`;
}

function excerptPart({ stream, file, lines }: Excerpt, recording: Recording, anchors: Anchors): Content {
  const [first, last] = [lines[0], lines.at(-1)];
  if (first === undefined || last === undefined) return '';
  return html`<details class="inner"><summary><code>${file}</code>, lines ${first.number} to ${last.number}</summary>
<pre>${lines.map((line) => lineOf(line, anchors.line(recording, stream, line.number) ?? ''))}</pre></details>
`;
}

function lineOf({ number, text, evidence, cut }: LogLine, anchor: string): Markup {
  const gap = cut === undefined ? '' : html`<span class="dim">… ${count(cut, 'line')} left out\n</span>`;
  return html`<span id="${anchor}"${evidence && html` class="ev"`}><a class="ln" href="#${anchor}">${number}</a>${text}</span>\n${gap}`;
}
