import { createHash } from 'node:crypto';
import { formatMs } from '../base/text.ts';
import { summaryLines } from '../sink/run-text.ts';
import { Anchors } from './anchors.ts';
import { type Content, html, Markup } from './markup.ts';
import { chartSections } from './page-charts.ts';
import { comparisonSection } from './page-comparison.ts';
import { findingList, incidentSection } from './page-incidents.ts';
import { logSection, timelineSection } from './page-log.ts';
import { testSection } from './page-tests.ts';
import { SCRIPT } from './script.ts';
import type { Story } from './story.ts';
import { STYLE } from './style.ts';
import { ranked, verdictOf } from './verdict.ts';

/**
 * A report as one HTML page that needs nothing else and works without its script. Every text that is not this program's is escaped;
 * should something get through all the same, the policy of the page lets no other script, style, picture, form or address do anything.
 */
export function storyPage(story: Story, options: { readonly script: boolean }): string {
  const incidents = ranked(story);
  const anchors = new Anchors(story, incidents);
  const { mood, text } = verdictOf(story);
  const style = Markup.own(STYLE);
  const script = Markup.own(SCRIPT);
  const policy = [
    "default-src 'none'",
    `style-src ${hashOf(STYLE)}`,
    options.script ? `script-src ${hashOf(SCRIPT)}` : "script-src 'none'",
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  const page = html`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="generator" content="${story.tool}">
<title>${text}: ${story.name}</title>
<style>${style}</style>
</head>
<body>
<a class="skip" href="#findings">To the findings</a>
<header>
<h1>${story.run === undefined ? 'Recording' : 'Stress run'} ${story.name}</h1>
<p class="verdict ${mood}" id="verdict-line">${text}</p>
${summary(story)}
${problems(story)}
<nav aria-label="Parts of this page"><a href="#findings">Findings</a>${incidents.length > 0 && html`<a href="#incidents">Incidents</a>`}${story.comparison !== undefined && html`<a href="#comparison">Comparison</a>`}${story.run !== undefined && html`<a href="#tests">Tests</a>`}<a href="#charts">Charts</a><a href="#timeline">Timeline</a><a href="#log">Log</a></nav>
</header>
<div class="tools" role="search"><input id="search" type="search" placeholder="Search (/)" aria-label="Search this report">
<select id="verdict" aria-label="Show tests with this verdict"${story.run === undefined && html` hidden`}><option value="">all verdicts</option>${verdicts(story)}</select>
<span id="told" role="status"></span><span class="dim">/ search, j and k next and previous, Esc all</span></div>
<main>
${findingList(story, incidents, anchors)}
${incidentSection(incidents, anchors)}
${comparisonSection(story.comparison)}
${testSection(story, anchors)}
${chartSections(story, anchors)}
${timelineSection(story, anchors)}
${logSection(story, anchors)}
</main>
<footer class="dim"><p>Written by ${story.tool}. This page loads nothing and sends nothing.</p></footer>
${options.script && html`<script>${script}</script>`}
</body>
</html>
`;
  // What is half a character becomes one that says so.
  return Buffer.from(page.text).toString();
}

function hashOf(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}

function verdicts({ run }: Story): Content {
  return Object.entries(run?.counts ?? {})
    .filter(([, count]) => count > 0)
    .map(([name, count]) => html`<option value="${name}">${name} (${count})</option>`);
}

function problems({ problems }: Story): Content {
  return (
    problems.length > 0 &&
    html`<h2>What could not be read</h2><ul class="warn">${problems.map((text) => html`<li>${text}</li>`)}</ul>`
  );
}

const MAX_NAMED = 20;

/** What was run, where, and the figures of the whole. */
function summary({ run, recordings, tool }: Story): Content {
  const facts: (readonly [string, Content])[] = [];
  if (run !== undefined) {
    const [, ...figures] = summaryLines(run);
    facts.push(['run', html`<code>${run.run}</code> of ${run.started}, ${formatMs(run.durationMs)}, seed ${run.seed}`]);
    facts.push(['command', html`<code>vexfs-trace ${run.command.join(' ')}</code>`]);
    facts.push(['tests', `${run.tests.length} of ${run.planned} planned`]);
    facts.push(['figures', figures.map((line) => html`<div>${line}</div>`)]);
    if (recordings.length === 0) facts.push(['where', run.guests.map((guest) => html`<div>${guest}</div>`)]);
  }
  for (const { name, info, events, endNs, findings, losses } of recordings.slice(0, MAX_NAMED)) {
    const kernel = info.kernel === undefined ? '' : `${info.kernel.release} (${info.kernel.name})`;
    const what = [kernel, info.module === undefined ? '' : `module ${info.module}`].filter((part) => part !== '');
    facts.push([
      run === undefined ? 'recorded' : name,
      html`${what.length === 0 ? 'a machine' : what.join(', ')}; ${formatMs(endNs / 1e6)}, ${events} events, ${findings} findings${losses.length > 0 && html`, <span class="warn">parts of its streams are lost</span>`}`,
    ]);
    if (run === undefined) facts.push(['command', html`<code>vexfs-trace ${info.command.join(' ')}</code>`]);
    if (run === undefined) facts.push(['started', startOf(info.startWall)]);
    for (const loss of losses.slice(0, 5)) facts.push(['lost', loss]);
  }
  if (recordings.length > MAX_NAMED) facts.push(['and', `${recordings.length - MAX_NAMED} more recordings`]);
  facts.push(['tool', tool]);
  return factList(facts);
}

function startOf(wall: number): string {
  const date = new Date(wall);
  return Number.isNaN(date.getTime()) ? String(wall) : date.toISOString();
}

function factList(facts: readonly (readonly [string, Content])[]): Markup {
  return html`<dl>${facts.map(([label, text]) => html`<dt>${label}</dt><dd>${text}</dd>`)}</dl>`;
}
