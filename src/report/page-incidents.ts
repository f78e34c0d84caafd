import { formatMs } from '../base/text.ts';
import type { EventOf, Finding } from '../model/event.ts';
import type { Frame } from '../model/stack.ts';
import { briefOf } from '../sink/brief.ts';
import { frameText } from '../sink/stack-rows.ts';
import { count } from '../sink/summary-lines.ts';
import type { Anchors } from './anchors.ts';
import { clock } from './chart.ts';
import { type Content, html, type Markup } from './markup.ts';
import { flightPart } from './page-flight.ts';
import type { Incident, Recording, Story, ToldFinding } from './story.ts';
import { type Mood, OUTCOMES, type Placed } from './verdict.ts';

/** Rows of the list of findings. */
const MAX_LISTED = 500;
/** Characters of markup that incidents may take in full; those beyond are rows of the list alone. */
const ROOM = 6_000_000;
/** Incidents that are shown opened. */
const OPENED = 5;
const MAX_STACKS = 8;
const MAX_FRAMES = 64;

const MOODS: Readonly<Record<Finding['severity'], Mood>> = {
  ...{ fatal: 'bad', critical: 'bad', major: 'warn' },
  ...{ minor: 'good', info: 'good' },
};

/** What was found, in one row each, the worst first. */
export function findingList(story: Story, incidents: readonly Placed[], anchors: Anchors): Content {
  const strays = story.run?.strays ?? [];
  const untold = story.recordings.reduce(
    (sum, { incidentCount, incidents }) => sum + incidentCount - incidents.length,
    0,
  );
  const rows = incidents
    .slice(0, MAX_LISTED)
    .map(({ incident, recording }) => listRow(incident, recording, story, anchors));
  const told = new Set(incidents.map(({ incident }) => incident.title));
  return html`<h2 id="findings">Findings</h2>
${failedTests(story)}
${
  rows.length === 0
    ? html`<p>${strays.length > 0 ? 'Between tests there were findings:' : 'No findings.'}</p>`
    : html`<div class="wide"><table class="stack"><thead><tr><th>severity</th><th>what</th><th>classification</th><th>when</th><th>outcome</th></tr></thead><tbody>
${rows}</tbody></table></div>`
}
${listOf(strays.filter((title) => !told.has(title)))}
${incidents.length > MAX_LISTED && html`<p class="dim">${incidents.length - MAX_LISTED} more are among the incidents below.</p>`}
${untold > 0 && html`<p class="warn">${count(untold, 'incident')} more, none of them worse than those above, ${untold === 1 ? 'is' : 'are'} left out here; events.ndjson of the recording has all.</p>`}
`;
}

/** What a run is judged by stands before what was found in it. */
function failedTests({ run }: Story): Content {
  const failed = (run?.tests ?? []).filter(({ verdict }) => verdict === 'FAIL' || verdict === 'ERROR');
  if (failed.length === 0) return '';
  const rows = failed
    .slice(0, MAX_LISTED)
    .map(
      ({ id, verdict, culprit, reason }) =>
        html`<li><span class="bad">${verdict}</span> <strong>${id}</strong>: ${reason}${culprit !== undefined && html` <span class="dim">(${culprit})</span>`}</li>`,
    );
  const more = failed.length - rows.length;
  return html`<ul>${rows}${more > 0 && html`<li>and ${more} more</li>`}</ul>`;
}

function listOf(texts: readonly string[]): Content {
  return texts.length > 0 && html`<ul>${texts.slice(0, MAX_LISTED).map((text) => html`<li>${text}</li>`)}</ul>`;
}

function listRow(incident: Incident, recording: Recording, story: Story, anchors: Anchors): Markup {
  const { title, severity, classification, atNs, id, fault, test } = incident;
  const [words, mood] = OUTCOMES[incident.outcome];
  const where = [story.recordings.length > 1 ? recording.name : '', test ?? ''].filter((part) => part !== '');
  return html`<tr data-find><td class="n ${MOODS[severity]}">${severity}</td><td>${anchors.toIncident(id, title)}${fault !== undefined && html` <span class="tag">put in on purpose: ${fault}</span>`}</td><td class="n">${classification}</td><td>${clock(atNs / 1e9)}${where.length > 0 && html` <span class="dim">${where.join(', ')}</span>`}</td><td class="n ${mood}">${words}</td></tr>
`;
}

/** Each incident with what led to it, what was seen, what it means and what was done about it. */
export function incidentSection(incidents: readonly Placed[], anchors: Anchors): Content {
  if (incidents.length === 0) return '';
  let room = ROOM;
  let untold = 0;
  const told = incidents.map((placed, i) => {
    if (room <= 0) {
      untold += 1;
      return html`<p id="${placed.anchor}" data-find>${placed.incident.title}</p>\n`;
    }
    const markup = incidentPart(placed, anchors, i < OPENED);
    room -= markup.text.length;
    return markup;
  });
  return html`<h2 id="incidents">Incidents</h2>
${told}${untold > 0 && html`<p class="warn">Of ${count(untold, 'incident')} only the title is shown, to keep this page small.</p>`}
`;
}

function incidentPart({ incident, recording, anchor }: Placed, anchors: Anchors, open: boolean): Markup {
  const { title, severity, classification, atNs, endNs, findings, more, recoveries, fault, test, recoveryMs } =
    incident;
  const [words, mood] = OUTCOMES[incident.outcome];
  const took = recoveryMs ?? (endNs === undefined ? undefined : (endNs - atNs) / 1e6);
  const when = [`at ${clock(atNs / 1e9)}`, recording.name, test === undefined ? '' : `test ${test}`];
  return html`<details class="incident" id="${anchor}" data-find${open && html` open`}><summary><span class="tag ${MOODS[severity]}">${severity}</span> ${title} <span class="tag ${mood}">${words}${took !== undefined && ` after ${formatMs(took)}`}</span></summary>
<p class="dim">${classification}, ${when.filter((part) => part !== '').join(', ')}${fault !== undefined && `, after the fault ${fault} was put in`}</p>
${chain(findings)}
${findings.map((told, i) => findingPart(told, recording, anchors, i === 0))}
${more > 0 && html`<p class="dim">and ${count(more, 'more finding')} of this incident</p>`}
${recoveryPart(recoveries, words, mood)}
</details>
`;
}

/** The cause and what came of it, when there is more than one. */
function chain(findings: readonly ToldFinding[]): Content {
  if (findings.length < 2) return '';
  const [cause, ...others] = findings;
  return html`<h4>Cause chain</h4><ol class="chain"><li>${cause?.finding.title ?? ''} <span class="dim">(cause)</span></li>${others.map(({ finding }) => html`<li>${finding.title}</li>`)}</ol>
`;
}

function findingPart({ finding, advice }: ToldFinding, recording: Recording, anchors: Anchors, cause: boolean): Markup {
  const brief = briefOf(finding, { ...(advice !== undefined && { advice }) }, 0);
  const { rows, meaning, lookAt, references, code, when } = brief;
  const [best] = finding.matches;
  return html`<div class="finding">${!cause && html`<h3>${finding.title}</h3>`}
<dl><dt>kind</dt><dd>${finding.event} ${finding.kind}${when !== '' && html` <span class="dim">at ${when}</span>`}</dd>
<dt>evidence</dt><dd>${anchors.evidence(recording, finding)}</dd>
${rows.map(({ label, text }) => html`<dt>${label}</dt><dd>${text}</dd>`)}
${best !== undefined && html`<dt>matched by</dt><dd class="dim">${best.explain}</dd>`}
<dt>fingerprint</dt><dd><code>${finding.fingerprint}</code></dd></dl>
${meaning !== '' && html`<h4>What it means</h4><p>${meaning}</p>`}
${lookAt.length > 0 && html`<h4>Look at</h4><ul>${lookAt.map((text) => html`<li>${text}</li>`)}</ul>`}
${references.length > 0 && html`<p class="dim">See ${references.join(', ')}</p>`}
${finding.stacks.slice(0, MAX_STACKS).map((stack) => stackPart(stack, finding))}
${code.length > 0 && html`<h4>Instructions</h4><pre>${code.join('\n')}</pre>`}
${flightPart(finding.flight)}
</div>
`;
}

function stackPart({ role, frames, about, comm, pid, cpu }: Finding['stacks'][number], finding: Finding): Content {
  if (frames.length === 0) return '';
  const whose = [
    comm === undefined ? '' : `by ${comm}${pid === undefined ? '' : ` ${pid}`}`,
    cpu === undefined ? '' : `on CPU ${cpu}`,
    about ?? '',
  ];
  const rest = frames.length - MAX_FRAMES;
  return html`<h4>Stack: ${role} ${whose.filter((part) => part !== '').join(', ')}</h4>
<pre>${frames.slice(0, MAX_FRAMES).map((frame) => frameLine(frame, finding))}${rest > 0 && `… ${rest} more frames`}</pre>
`;
}

function frameLine(frame: Frame, { frame: blamed }: Finding): Markup {
  const text = frameText(frame);
  if (!frame.reliable) return html`<span class="unsure">? ${text}</span>\n`;
  return frame.fn === blamed ? html`<span class="blamed">&gt; ${text}</span>\n` : html`  ${text}\n`;
}

function recoveryPart(recoveries: readonly EventOf<'recovery'>[], words: string, mood: Mood): Content {
  if (recoveries.length === 0) return html`<p>Recovery: <span class="${mood}">${words}</span></p>`;
  const rows = recoveries.map(
    ({ kind, result, verified, durationMs, reason, checks }) =>
      html`<tr><td class="n">${kind}</td><td class="n ${result === 'ok' ? 'good' : 'bad'}">${result}${verified && ', verified'}</td><td class="num">${formatMs(durationMs)}</td><td>${reason}${checks.length > 0 && html`<div class="dim">${checks.join('; ')}</div>`}</td></tr>
`,
  );
  return html`<h4>Recovery: <span class="${mood}">${words}</span></h4>
<div class="wide"><table class="stack"><thead><tr><th>step</th><th>result</th><th>took</th><th>why, and what the health check saw</th></tr></thead><tbody>
${rows}</tbody></table></div>
`;
}
