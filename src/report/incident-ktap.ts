import { oneLine } from '../sink/escape.ts';
import type { Story } from './story.ts';
import { OUTCOMES, ranked } from './verdict.ts';

/**
 * A recording in the Kernel Test Anything Protocol, version 1 (Documentation/dev-tools/ktap.rst): it has no tests, so each incident is
 * one that is not ok, and a recording without any is one that is.
 */
export function incidentKtap(story: Story): string {
  const incidents = ranked(story);
  const results =
    incidents.length === 0
      ? ['ok 1 nothing found']
      : incidents.map(({ incident: { title, severity, classification, outcome, fault } }, i) => {
          const why = fault === undefined ? '' : `, after the fault ${plain(fault)} was put in`;
          return `# ${severity}, ${classification}, ${OUTCOMES[outcome][0]}${why}\nnot ok ${i + 1} ${plain(title)}`;
        });
  return `KTAP version 1\n1..${results.length}\n${results.join('\n')}\n`;
}

/** A `#` begins a directive. */
function plain(text: string): string {
  return oneLine(text).replaceAll('#', '＃');
}
