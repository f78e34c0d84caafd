import type { About } from '../model/about.ts';
import type { Severity } from '../model/classification.ts';
import { type Finding, isFinding } from '../model/event.ts';
import { briefOf } from './brief.ts';
import { commandData, commandProperty, manyLines, oneLine } from './escape.ts';
import { codePlace, placeText } from './places.ts';
import type { OpenSink } from './sink.ts';
import { gapText } from './summary-lines.ts';
import { clip } from './wrap.ts';

type Level = 'error' | 'warning' | 'notice';

const LEVELS: Readonly<Record<Severity, Level>> = {
  fatal: 'error',
  critical: 'error',
  major: 'error',
  minor: 'warning',
  info: 'notice',
};

/** Annotations of a level that GitHub shows of a step (docs.github.com/actions/reference/limits). */
const ROOM = 10;
const MAX_TITLE = 255;
const MAX_MESSAGE = 4000;

/** Workflow commands of GitHub Actions: an annotation a finding, as many as a step has room for; the last one sums up the rest. */
export const openGithub: OpenSink = ({ write }) => {
  const shown: Record<Level, number> = { error: 0, warning: 0, notice: 0 };
  const last: Partial<Record<Level, string>> = {};
  const annotate = (level: Level, properties: Readonly<Record<string, string | undefined>>, message: string) => {
    shown[level] += 1;
    if (shown[level] > ROOM) return;
    const command = commandLine(level, properties, message);
    if (shown[level] < ROOM) write(command);
    else last[level] = command;
  };
  return {
    event(event, about) {
      if (isFinding(event)) annotate(LEVELS[event.severity], propertiesOf(event), messageOf(event, about));
      else if (event.event === 'gap') annotate('notice', { title: 'part of a log is lost' }, gapText(event));
    },
    log({ file, problem }) {
      if (problem !== undefined) annotate('warning', { title: 'a log was not read to its end' }, `${file}: ${problem}`);
    },
    close() {
      for (const level of ['error', 'warning', 'notice'] as const) {
        const more = shown[level] - ROOM + 1;
        if (more === 1) write(last[level] ?? '');
        else if (more > 1)
          write(
            commandLine(level, { title: `${more} more` }, `${more} more are not shown: a step has room for ${ROOM}`),
          );
      }
    },
  };
};

function commandLine(level: Level, properties: Readonly<Record<string, string | undefined>>, message: string): string {
  const parts = Object.entries(properties).flatMap(([name, value]) =>
    value === undefined || value === '' ? [] : [`${name}=${commandProperty(oneLine(value))}`],
  );
  const text = commandData(manyLines(clip(message, MAX_MESSAGE)));
  return `::${level}${parts.length === 0 ? '' : ` ${parts.join(',')}`}::${text}\n`;
}

function propertiesOf(finding: Finding) {
  const code = codePlace(finding);
  return {
    file: code?.file,
    line: code?.line === undefined ? undefined : String(code.line),
    title: clip(finding.title, MAX_TITLE),
  };
}

function messageOf(finding: Finding, about: About): string {
  const { severity, event, kind, place, when, rows } = briefOf(finding, about, 0);
  return [
    `${severity} ${event} ${kind}`,
    `${placeText(place)}${when === '' ? '' : ` at ${when}`}`,
    ...rows.map(({ label, text }) => `${label}: ${text.replaceAll('\n', ' ')}`),
  ].join('\n');
}
