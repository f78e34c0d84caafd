import { basename } from 'node:path';
import { AlertEvaluator } from '../alert/evaluator.ts';
import type { Transition } from '../alert/transition.ts';
import type { Event } from '../model/event.ts';
import { readEvents } from '../source/capture-reader.ts';
import { readAlertFile, readBaselines } from './alert-files.ts';
import { findReportInput } from './report-input.ts';

/** What rules would have told of a recording, or of all recordings of a run. */
export async function testAlerts(
  rules: string,
  folder: string,
  warn: (message: string) => void,
): Promise<Transition[]> {
  const file = readAlertFile(rules);
  const evaluator = new AlertEvaluator(file.rules, readBaselines([file]));
  const { recordings, kind } = findReportInput(folder);
  const transitions: Transition[] = [];
  const lanes = recordings.map((dir) => ({
    lane: kind === 'run' ? laneOf(dir) : 'guest-1',
    events: readEvents(dir, warn),
  }));
  for await (const { event, lane } of byTime(lanes)) transitions.push(...evaluator.event(event, lane));
  return transitions;
}

/** `guest-2.3` and `guest-2-again-2` took the place of `guest-2`. */
function laneOf(dir: string): string {
  return /^guest-\d+/.exec(basename(dir))?.[0] ?? basename(dir);
}

interface Lane {
  readonly lane: string;
  readonly events: AsyncGenerator<Event>;
}

/** Events of several recordings as they came. */
async function* byTime(lanes: readonly Lane[]): AsyncGenerator<{ readonly event: Event; readonly lane: string }> {
  const heads = await Promise.all(lanes.map(async ({ lane, events }) => ({ lane, events, head: await events.next() })));
  for (;;) {
    const left = heads.flatMap((one) => (one.head.done ? [] : [{ one, at: one.head.value.time.wall ?? '' }]));
    if (left.length === 0) return;
    const { one } = left.reduce((first, next) => (next.at < first.at ? next : first));
    if (!one.head.done) yield { event: one.head.value, lane: one.lane };
    one.head = await one.events.next();
  }
}
