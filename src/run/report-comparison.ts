import { ExpectedError } from '../base/errors.ts';
import type { Story } from '../report/story.ts';
import { compareRuns, readSide, sideOf } from './compare-runs.ts';
import { type ReportFormat, WITH_COMPARISON } from './report-formats.ts';

/**
 * Reads a baseline; what is returned puts a story beside it. `metrics`: of it only these, all when empty. Fails with exit 2 where there
 * is nothing to compare, or no place for it in the format.
 */
export function besideBaseline(
  name: string,
  metrics: readonly string[],
  format: ReportFormat,
  kind: 'run' | 'recording',
): (story: Story) => Story {
  if (kind !== 'run')
    throw new ExpectedError('usage', 'a recording of a guest has no figures to compare', 'name a run of stress');
  if (!WITH_COMPARISON.has(format))
    throw new ExpectedError(
      'usage',
      `a comparison has no place in ${format}`,
      `there are ${[...WITH_COMPARISON].join(', ')}`,
    );
  const baseline = readSide(name);
  return (story) =>
    story.run === undefined
      ? story
      : {
          ...story,
          comparison: compareRuns(baseline, [sideOf(story.run, story.name)], { metrics, acrossMachines: true }),
        };
}
