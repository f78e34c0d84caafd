import type { LogLine } from '../model/line.ts';
import { CONTINUATIONS, type HeadlineRow } from './headlines.ts';
import type { OpenReport } from './open-report.ts';
import { isPanicEcho } from './panic-echo.ts';

/** What a later headline may be to the report that is open: its own next line, or the panic that it led to. */
export function goesOn(report: OpenReport, headline: HeadlineRow, line: LogLine): boolean {
  if (report.headline.quiet === true || headline.id === 'netdevice') return false;
  if (headline.id === 'panic') return isPanicEcho(report, line.body);
  if (headline.id === 'oom-killed') return report.headline.id === 'oom-invoked';
  if (headline.continues === true) return report.end.style !== 'oom';
  if (FOLLOWS[report.headline.id] === headline.id) return !BEGINS.some((text) => line.body.includes(text));
  // fs/dcache.c umount_check: the WARN has the stack.
  if (headline.id === 'WARNING' && report.lines.length < 3 && says(report, 'dentry')) return true;
  if (headline.id === 'slab' || headline.id === 'leak') return report.headline.id === 'BUG' && report.lines.length < 3;
  return (
    CONTINUATIONS.some((text) => line.body.includes(text)) || OOPS_WORDS.some((text) => line.body.startsWith(text))
  );
}

function says({ lines }: OpenReport, what: string): boolean {
  return lines[0]?.says.some((statement) => statement.says === what) ?? false;
}

/** A trap that carries out what the message before it announced, a line of the same check. */
const FOLLOWS: Readonly<Record<string, string>> = {
  rust: 'kernel-bug',
  // arch/riscv/kernel/traps.c handle_break
  'kernel-bug': 'Kernel-BUG',
  mce: 'mce',
  alignment: 'unhandled-fault',
};

/** Of such a check the line that comes before the others (arch/x86/kernel/cpu/mce/core.c mce_early_notifier). */
const BEGINS = ['Machine check events logged'];

/** The second line of an oops that began with a plainer one (arch/x86/kernel/dumpstack.c __die). */
const OOPS_WORDS = ['Oops: invalid opcode'];
