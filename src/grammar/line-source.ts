import type { LogLine } from '../model/line.ts';
import type { OpenReport } from './open-report.ts';
import { isKernelLine } from './report-line.ts';

/** The context of a line in printk's sense: who may have its lines between those of others. */
export function contextOf(line: LogLine): string {
  if (!isKernelLine(line)) return '';
  return line.caller ?? 'console';
}

/** What a cloud host writes into a console log when it loses the port. */
const DISCONNECTED = 'serialport: VM disconnected.';

/** What a line says about the report that is open, whoever wrote the line: messages were lost, the port went away. */
export function noteDamage(report: OpenReport, line: LogLine): void {
  if (line.text.includes(DISCONNECTED)) report.broken = 'the serial port was disconnected';
  if (line.dropped === undefined) return;
  report.lost = line.dropped === null || report.lost === null ? null : report.lost + line.dropped;
}
