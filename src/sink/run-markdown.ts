import { formatMs } from '../base/text.ts';
import type { RunReport, TestRow } from '../model/run-report.ts';
import { codeSpan } from './escape.ts';
import { incidentLines, summaryLines } from './run-text.ts';

/** A run as a page: its figures, and a row for each test. */
export function runMarkdown(report: RunReport): string {
  const { run, started, guests, command, tests, tool } = report;
  const facts = [
    `Run ${codeSpan(run)} of ${codeSpan(started)}, ${codeSpan(tool)}: ${codeSpan(`vexfs-trace ${command.join(' ')}`)}`,
    ...guests.map((guest) => `Guest: ${codeSpan(guest)}`),
    ...summaryLines(report).map(codeSpan),
  ];
  return [
    '# Stress run',
    '',
    ...facts.map((fact) => `- ${fact}`),
    '',
    '| test | verdict | took | what was said |',
    '|---|---|---|---|',
    ...tests.map(row),
    '',
  ].join('\n');
}

function row(test: TestRow): string {
  const { id, verdict, culprit, durationMs, reason } = test;
  const said = test.incidents.length > 0 ? incidentLines(test) : [reason].filter((text) => text !== '');
  const cells = [
    codeSpan(id),
    culprit === undefined ? verdict : `${verdict} (${culprit})`,
    formatMs(durationMs),
    said.map(codeSpan).join('<br>'),
  ];
  // A bar ends a cell even inside a code span (github.github.com/gfm/#tables-extension-).
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}
