import type { ReportLine } from '../model/report.ts';

/** Lines that a stack must have behind its start, itself included, to count as there. */
const LEAST_LINES = 3;
/** How far behind the start of a stack its first frame may be. */
const FRAMES_WITHIN = 15;
export const NO_STACK = 'no stack trace in report';
/** RISC-V prints registers, not frames, behind its marker. */
const FRAMELESS = 'riscv-status';

/** Why the stacks of a report are not what the kernel meant to print; empty when they are. Looks at the first stack of each kind. */
export function stackDamage(lines: readonly ReportLine[]): string {
  const seen = new Set<string>();
  let some = false;
  for (const [at, { marks }] of lines.entries()) {
    const marker = marks.marker;
    if (marker === undefined || seen.has(marker)) continue;
    seen.add(marker);
    if (lines.length - at < LEAST_LINES) return 'call trace is missed';
    if (marker !== FRAMELESS && !hasFrame(lines, at + 1)) return 'no frames in a stack trace';
    some = true;
  }
  return some ? '' : NO_STACK;
}

function hasFrame(lines: readonly ReportLine[], from: number): boolean {
  for (const { marks } of lines.slice(from, from + FRAMES_WITHIN)) {
    if (marks.frames || marks.waypoints?.['no-stack'] !== undefined) return true;
    if (marks.marker !== undefined) return false;
  }
  return false;
}
