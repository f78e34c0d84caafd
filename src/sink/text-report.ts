import pc from 'picocolors';
import { manyLines, oneLine } from './escape.ts';
import { groupText } from './group-text.ts';
import { IncidentGroups } from './incident-groups.ts';
import type { OpenSink } from './sink.ts';
import { gapText, summaryLines } from './summary-lines.ts';

/** Lines of each report that are shown; `--raw` has all of them. */
const EXCERPT_LINES = 6;
/** Losses that are told where they are; the summary has the sum. */
const MAX_GAPS = 20;

/** A report for people: incident by incident, the cause first, and what it all comes to. Of a clean log it says nothing. */
export const openTextReport: OpenSink = ({ write, color, width }) => {
  const colors = pc.createColors(color);
  const groups = new IncidentGroups(EXCERPT_LINES, (group) => write(groupText(group, { color, width })));
  let gaps = 0;
  return {
    event(event, about) {
      groups.event(event, about);
      if (event.event === 'gap' && gaps++ < MAX_GAPS) write(`${colors.yellow('LOST')} ${oneLine(gapText(event))}\n`);
    },
    // What could not be read has been said already, on standard error.
    log: () => groups.pause(),
    pause: () => groups.pause(),
    close(summary) {
      groups.end();
      const traces = summary.logs.some(({ records }) => records !== undefined);
      if (summary.findings === 0 && summary.losses.length === 0 && !traces) return;
      const [first = '', ...others] = summaryLines(summary);
      write(`${colors.bold(oneLine(first))}\n${others.map((line) => `${manyLines(line)}\n`).join('')}`);
    },
  };
};
