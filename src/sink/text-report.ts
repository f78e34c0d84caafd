import pc from 'picocolors';
import { isFinding } from '../model/event.ts';
import { manyLines, oneLine } from './escape.ts';
import { groupText } from './group-text.ts';
import { IncidentGroups } from './incident-groups.ts';
import type { OpenSink } from './sink.ts';
import { summaryLines } from './summary-lines.ts';
import { createTextFormatter } from './text.ts';

/** Lines of each report that are shown; `--raw` has all of them. */
const EXCERPT_LINES = 6;

/** A report for people: incident by incident, the cause first, and what it all comes to. Of a clean log it says nothing. */
export const openTextReport: OpenSink = ({ write, color, width }) => {
  const colors = pc.createColors(color);
  const groups = new IncidentGroups(EXCERPT_LINES, (group) => write(groupText(group, { color, width })));
  const inPassing = createTextFormatter({ color });
  return {
    event(event, about) {
      groups.event(event, about);
      // Incidents are told by their findings.
      if (isFinding(event) || event.event === 'incident') return;
      const line = inPassing(event);
      if (line !== null) write(`${line.trimStart()}\n`);
    },
    log({ file, problem }) {
      groups.end();
      if (problem !== undefined) write(`${colors.yellow('NOT READ')} ${oneLine(`${file}: ${problem}`)}\n`);
    },
    pause: () => groups.pause(),
    close(summary) {
      groups.end();
      if (summary.findings === 0) return;
      const [first = '', ...others] = summaryLines(summary);
      write(`${colors.bold(oneLine(first))}\n${others.map((line) => `${manyLines(line)}\n`).join('')}`);
    },
  };
};
