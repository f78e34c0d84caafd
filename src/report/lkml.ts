import type { Finding } from '../model/event.ts';
import { manyLines, oneLine } from '../sink/escape.ts';
import { frameText } from '../sink/stack-rows.ts';
import { wrap } from '../sink/wrap.ts';
import type { Excerpt, Recording, Story } from './story.ts';
import type { Placed } from './verdict.ts';
import { OUTCOMES, ranked, verdictOf } from './verdict.ts';

/** Columns of text (Documentation/process/email-clients.rst); lines of a log stand as they are, since a wrapped report cannot be read. */
const COLUMNS = 75;
const MAX_LOG = 120;
const MAX_OTHERS = 10;
const MAX_FRAMES = 24;
/** A line of a mail may have 998 bytes (RFC 5322, 2.1.1). */
const MAX_BYTES = 990;
const LIST = 'linux-kernel@vger.kernel.org';

/**
 * A plain text mail about the worst finding, as people send them to kernel lists: headers, what happened, on what, how to bring it about,
 * the report. It is text to read, complete and send oneself: nothing is sent.
 */
export function lkmlMail(story: Story): string {
  const [worst, ...others] = ranked(story);
  const finding = worst?.incident.findings[0]?.finding;
  const title = oneLine(finding?.title ?? worst?.incident.title ?? verdictOf(story).text);
  const body = [
    'Hello,',
    '',
    ...said(worst === undefined ? 'nothing was found in this run.' : opening(worst, finding)),
    '',
    ...environment(story, worst?.recording, finding),
    ...(finding === undefined ? [] : decoded(finding)),
    ...reproduce(story, worst?.recording),
    ...(worst === undefined || finding === undefined ? [] : log(worst.recording, finding)),
    ...otherFindings(others),
  ];
  const to = [...new Set([LIST, ...(finding === undefined ? [] : maintainers(finding))])];
  const mail = [
    `To: ${to.join(',\n ')}`,
    `Subject: ${asciiOnly(clipped(`[BUG] ${worst === undefined ? '' : `${moduleOf(worst, finding)}: `}${title}`, 200))}`,
    'MIME-Version: 1.0',
    'Content-Type: text/plain; charset=UTF-8',
    'Content-Transfer-Encoding: 8bit',
    '',
    ...body.flatMap((line) => line.split('\n')).map(bodyLine),
  ];
  return Buffer.from(`${mail.join('\n').trimEnd()}\n`).toString();
}

function moduleOf({ recording }: Placed, finding: Finding | undefined): string {
  return oneLine(finding?.context.module ?? recording.info.module?.split('/').at(-1) ?? 'kernel');
}

function opening({ incident, recording }: Placed, finding: Finding | undefined): string {
  const { fault, outcome } = incident;
  const when = incident.test === undefined ? 'while it ran under load' : `in the test ${incident.test}`;
  const where = finding?.frame ? ` in ${finding.frame}` : '';
  const purpose =
    fault === undefined
      ? ''
      : ` It came right after the fault ${fault} had been put in on purpose, so it may be nothing but that.`;
  return `the following was reported${where} ${when}, ${Math.round(incident.atNs / 1e9)} seconds after the start of ${recording.info.tool}. Outcome: ${OUTCOMES[outcome][0]}.${purpose}`;
}

function environment(story: Story, recording: Recording | undefined, finding: Finding | undefined): string[] {
  const { info } = recording ?? {};
  const kernel = finding?.context.kernel ?? info?.kernel?.release ?? '';
  const rows: (readonly [string, string])[] = [
    ['Kernel:', kernel],
    ['Tainted:', finding?.context.taint ?? ''],
    ['Hardware:', finding?.context.hardware ?? ''],
    ['Module:', info?.module ?? ''],
    ['Tool:', story.tool],
  ];
  return [...rows.filter(([, text]) => text !== '').flatMap(([label, text]) => said(`${label} ${text}`, '', '  ')), ''];
}

/** The report in short, with files and lines where they are known. */
function decoded(finding: Finding): string[] {
  const stacks = finding.stacks.slice(0, 3).flatMap(({ role, frames }) => {
    const sure = frames.filter(({ reliable }) => reliable).slice(0, MAX_FRAMES);
    return sure.length === 0
      ? []
      : [`${oneLine(role)}:`, ...sure.map((frame) => `  ${clipped(oneLine(frameText(frame)), COLUMNS - 2)}`), ''];
  });
  return stacks.length === 0 ? [] : ['Decoded:', '', ...stacks];
}

function reproduce({ run }: Story, recording: Recording | undefined): string[] {
  const command = run?.command ?? recording?.info.command ?? [];
  if (command.length === 0) return [];
  const lines = said(`vexfs-trace ${command.map(quoted).join(' ')}`, '  ', '    ', COLUMNS - 2);
  return ['To reproduce:', '', ...lines.map((line, i) => (i + 1 < lines.length ? `${line} \\` : line)), ''];
}

function log(recording: Recording, { evidence: [place], title }: Finding): string[] {
  const own = recording.excerpts.find(
    ({ stream, lines }) => stream === place?.stream && lines.some(({ number }) => number === place.line),
  );
  if (own === undefined || place?.line === undefined) return [];
  const lines = reportLines(own, place.line, place.endLine ?? place.line);
  return [...said(`Log of "${title}", as the kernel wrote it:`), '', ...lines, ''];
}

function reportLines({ lines }: Excerpt, from: number, to: number): string[] {
  const own = lines.filter(({ number }) => number >= from && number <= to);
  const shown = own.slice(0, MAX_LOG).map(({ text }) => manyLines(text).trimEnd());
  return own.length > MAX_LOG || (own.at(-1)?.number ?? to) < to ? [...shown, '[ the rest is left out ]'] : shown;
}

function otherFindings(others: readonly Placed[]): string[] {
  if (others.length === 0) return [];
  const rows = others
    .slice(0, MAX_OTHERS)
    .flatMap(({ incident: { title, fault } }) =>
      said(`- ${title}${fault === undefined ? '' : ` (after the fault ${fault} was put in)`}`, '', '  '),
    );
  const more = others.length - MAX_OTHERS;
  return ['In the same run:', '', ...rows, ...(more > 0 ? [`- and ${more} more`] : []), ''];
}

/** Whom MAINTAINERS names, where it was looked up. */
function maintainers({ details }: Finding): string[] {
  const all = Array.isArray(details.maintainers) ? details.maintainers : [];
  return all.slice(0, 10).flatMap((one: unknown) => {
    const who = typeof one === 'object' && one !== null && 'who' in one ? one.who : undefined;
    return typeof who === 'string' && ADDRESS.test(who) ? [who] : [];
  });
}

/** A name and an address, or an address alone; nothing that could be a header of its own. */
const ADDRESS = /^(?:[\w .'"-]{1,80} <[\w.+-]{1,64}@[\w.-]{1,100}>|[\w.+-]{1,64}@[\w.-]{1,100})$/;

/** Text in lines of 75 columns; words that are longer are broken. */
function said(text: string, indent = '', hang = indent, columns = COLUMNS): string[] {
  const room = columns - Math.max(indent.length, hang.length);
  const words = oneLine(text)
    .split(' ')
    .flatMap((word) => (word.length <= room ? [word] : (word.match(new RegExp(`.{1,${room}}`, 'gu')) ?? [])));
  return wrap(words.join(' '), room).map((line, i) => (i === 0 ? indent : hang) + line);
}

function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

function clipped(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 3)}...`;
}

function asciiOnly(text: string): string {
  return text.replaceAll(/[^\x20-\x7e]/gu, '?');
}

/** `From ` at the beginning of a line ends a mail in a mailbox (RFC 4155), a lone dot ends one on its way. */
function bodyLine(line: string): string {
  const safe = /^(?:From |\.$)/.test(line) ? ` ${line}` : line;
  return Buffer.byteLength(safe) <= MAX_BYTES
    ? safe
    : `${Buffer.from(safe)
        .subarray(0, MAX_BYTES - 3)
        .toString()
        .replace(/\ufffd+$/, '')}...`;
}
