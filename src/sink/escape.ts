import { escapeTerminal } from '../base/text.ts';

/** Text of a log on one line, safe to show anywhere: line ends become spaces, control characters visible. */
export function oneLine(text: string): string {
  return escapeTerminal(text.replaceAll(/\r?\n/g, ' '));
}

/** The same for text of several lines. */
export function manyLines(text: string): string {
  return text
    .split('\n')
    .map((line) => escapeTerminal(line))
    .join('\n');
}

/** Text between XML tags. What XML 1.0 cannot hold at all becomes U+FFFD (https://www.w3.org/TR/xml/#charsets). */
export function xmlText(text: string): string {
  return text.replaceAll(XML_SPECIAL, (char) => XML_ENTITIES[char] ?? '\ufffd');
}

/** The value of an XML attribute, on one line: a parser makes spaces of line ends there. */
export function xmlAttribute(text: string): string {
  return xmlText(oneLine(text)).replaceAll('\t', '&#9;');
}

const XML_ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
const XML_SPECIAL = /[&<>"]|[^\t\n\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu;

/** Text as a Markdown code span, where nothing of it is markup. The fence is longer than any in the text (https://spec.commonmark.org/0.31.2/#code-spans). */
export function codeSpan(text: string): string {
  const shown = oneLine(text);
  if (shown.trim() === '') return '`(empty)`';
  const fence = '`'.repeat(longestRun(shown) + 1);
  const pad = /^[` ]|[` ]$/.test(shown) ? ' ' : '';
  return `${fence}${pad}${shown}${pad}${fence}`;
}

/** Lines as a fenced code block of Markdown. */
export function codeBlock(lines: readonly string[]): string {
  const text = manyLines(lines.join('\n'));
  const fence = '`'.repeat(Math.max(3, longestRun(text) + 1));
  return `${fence}text\n${text}\n${fence}`;
}

/** Words of ours, or of a pattern, as Markdown text. */
export function markdownText(text: string): string {
  return oneLine(text).replaceAll(/[\\`*_[\]<>#!|~&$]/g, '\\$&');
}

function longestRun(text: string): number {
  return Math.max(0, ...(text.match(/`+/g) ?? []).map((run) => run.length));
}

/** The message of a workflow command of GitHub Actions (actions/toolkit, packages/core/src/command.ts). */
export function commandData(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

/** A property of a workflow command. */
export function commandProperty(text: string): string {
  return commandData(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}

/** Lone surrogates, which only text that never was bytes can have, as U+FFFD. */
export function wellFormed(text: string): string {
  return Buffer.from(text).toString();
}
