import type { RunReport } from '../model/run-report.ts';
import { commandData, commandProperty, manyLines, oneLine } from '../sink/escape.ts';

/** Annotations of a level that GitHub shows of a step (docs.github.com/actions/reference/limits). */
const ROOM = 10;
const MAX_MESSAGE = 4000;

/** Workflow commands of GitHub Actions: an annotation for each test that was not right, and for findings between tests, as many as a step has room for. */
export function runGithub({ tests, strays }: RunReport): string {
  const wrong = tests.filter(({ verdict }) => verdict === 'FAIL' || verdict === 'ERROR');
  const all = [
    ...wrong.map(({ id, verdict, reason, findings }) => ({
      title: `${verdict} ${id}`,
      message: [reason, ...findings].join('\n'),
    })),
    ...strays.map((title) => ({ title: 'between tests', message: title })),
  ];
  const shown = all.length > ROOM ? all.slice(0, ROOM - 1) : all;
  const more = all.length - shown.length;
  return [
    ...shown,
    ...(more > 0 ? [{ title: `${more} more`, message: `a step has room for ${ROOM} annotations` }] : []),
  ]
    .map(({ title, message }) => {
      const text = commandData(manyLines(message).slice(0, MAX_MESSAGE));
      return `::error title=${commandProperty(oneLine(title).slice(0, 255))}::${text}\n`;
    })
    .join('');
}
