import { isFinding } from '../model/event.ts';
import type { Brief } from './brief.ts';
import { codeBlock, codeSpan, markdownText } from './escape.ts';
import { type Group, IncidentGroups } from './incident-groups.ts';
import { placeText } from './places.ts';
import type { OpenSink } from './sink.ts';
import { count, gapText, lossText } from './summary-lines.ts';
import type { Summary } from './tally.ts';

/** Lines of each report that are quoted. */
const EXCERPT_LINES = 20;
/** Losses that are told where they are; the summary has the sum. */
const MAX_GAPS = 20;

/** For issues and mails. What comes from a log stands in code spans and code blocks only, where nothing is markup. */
export const openMarkdown: OpenSink = ({ write }) => {
  let incident = 0;
  let gaps = 0;
  const groups = new IncidentGroups(EXCERPT_LINES, (group) => {
    if (!group.continued) incident += 1;
    write(groupMarkdown(group, incident));
  });
  return {
    event(event, about) {
      groups.event(event, about);
      if (isFinding(event) || event.event !== 'gap') return;
      if (gaps++ < MAX_GAPS) write(`Lost: ${codeSpan(gapText(event))}\n\n`);
    },
    log({ file, problem }) {
      groups.pause();
      if (problem !== undefined) write(`Not read, or not to its end: ${codeSpan(file)}, ${codeSpan(problem)}\n\n`);
    },
    pause: () => groups.pause(),
    close(summary) {
      groups.end();
      write(summaryMarkdown(summary));
    },
  };
};

function groupMarkdown({ briefs, repeats, uncounted, continued }: Group, incident: number): string {
  const parts = briefs.map((brief, i) => {
    const heading = i === 0 && !continued ? `## Incident ${incident}: ` : '### In the same incident: ';
    return `${heading}${codeSpan(brief.title)}\n\n${briefMarkdown(brief)}`;
  });
  if (repeats.length > 0) {
    const rows = repeats.map(({ title, place }) => `- ${codeSpan(title)} at ${codeSpan(placeText(place))}`);
    if (uncounted > 0) rows.push(`- and ${uncounted} more`);
    parts.push(`Again in incident ${incident}:\n\n${rows.join('\n')}`);
  }
  return `${parts.join('\n\n')}\n\n`;
}

function briefMarkdown(brief: Brief): string {
  const { severity, event, kind, place, when, rows, meaning, lookAt, references, stacks, code, excerpt, more } = brief;
  const facts = rows.map(({ label, text }) => `- ${markdownText(label)}: ${codeSpan(text)}`);
  return [
    `**${severity}** ${event} ${codeSpan(kind)} in ${codeSpan(placeText(place))}${when === '' ? '' : ` at ${codeSpan(when)}`}`,
    facts.join('\n'),
    markdownText(meaning),
    lookAt.length === 0 ? '' : `Look at:\n\n${lookAt.map((text) => `- ${markdownText(text)}`).join('\n')}`,
    references.length === 0 ? '' : `See ${references.map(codeSpan).join(', ')}.`,
    codeBlockOf(stacks.flatMap(stackLines)),
    codeBlockOf(code),
    codeBlockOf([...excerpt, ...(more > 0 && excerpt.length > 0 ? [`(${count(more, 'more line')})`] : [])]),
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}

function stackLines({ title, rows, below, shared }: Brief['stacks'][number]): string[] {
  if (rows.length === 0) return [];
  return [
    `${title}:`,
    ...rows.map(({ text, blamed }) => `${blamed ? '> ' : '  '}${text}`),
    ...(below > 0 ? [`  (${below} more)`] : []),
    ...(shared > 0 ? [`  (${shared} more as in the first stack)`] : []),
  ];
}

function codeBlockOf(lines: readonly string[]): string {
  return lines.length === 0 ? '' : codeBlock(lines);
}

function summaryMarkdown({ findings, incidents, byKind, corrupted, losses, logs, panicked }: Summary): string {
  const clean = logs.filter((log) => log.findings === 0 && log.problem === undefined).length;
  const rows = byKind.map(({ kind, severity, count }) => `| ${count} | ${severity} | ${codeSpan(kind)} |`);
  return [
    '## Summary',
    `${count(findings, 'finding')} in ${count(incidents, 'incident')}. ${count(logs.length, 'log')} read, ${clean} of them clean.`,
    rows.length === 0 ? '' : ['| count | severity | kind |', '|--:|---|---|', ...rows].join('\n'),
    panicked === 0 ? '' : `The kernel panicked in ${count(panicked, 'finding')}.`,
    corrupted.map(({ reason, count: n }) => `- damaged: ${count(n, 'report')}, ${codeSpan(reason)}`).join('\n'),
    losses.map((loss) => `- lost: ${codeSpan(lossText(loss))}`).join('\n'),
  ]
    .filter((part) => part !== '')
    .join('\n\n')
    .concat('\n');
}
