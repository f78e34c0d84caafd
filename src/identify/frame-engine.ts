import type { ReportLine } from '../model/report.ts';
import type { PlanStep } from './formats/format.ts';
import type { NameMatcher } from './name-match.ts';
import { isBystander, withoutSyscallPrefix } from './skip-list.ts';

export interface FramePick {
  /** The name a title carries. */
  readonly name: string;
  /** The name as the stack has it. */
  readonly raw: string;
}

export type Choose = (names: readonly string[]) => string | undefined;

/**
 * Walks a plan over the lines: skip to a line, read a stack, and so on. Returns one pick per stack of the plan, or null when one
 * of them names nobody to blame or shows a failure that was injected on purpose.
 */
export function runPlan(
  lines: readonly ReportLine[],
  from: number,
  plan: readonly PlanStep[],
  skip: NameMatcher,
  choose: Choose,
): readonly FramePick[] | null {
  const picks: FramePick[] = [];
  const walk = new Walk(lines, from, skip);
  let stacks = 0;
  for (let at = 0; at < plan.length; at++) {
    const step = plan[at];
    if (step === undefined) break;
    if (step !== 'stack') {
      if (!walk.skipTo(step)) return null;
      continue;
    }
    if (++stacks > 1) {
      const pick = walk.close(choose);
      if (!pick) return null;
      picks.push(pick);
    }
    const next = plan[at + 1];
    const read = walk.readStack(next);
    if (read === 'injected') return null;
    if (read === 'next') at++;
  }
  const pick = walk.close(choose);
  if (!pick) return null;
  picks.push(pick);
  return picks;
}

class Walk {
  readonly #lines: readonly ReportLine[];
  readonly #skip: NameMatcher;
  #at: number;
  #names: string[] = [];

  constructor(lines: readonly ReportLine[], from: number, skip: NameMatcher) {
    this.#lines = lines;
    this.#at = from;
    this.#skip = skip;
  }

  /** False when a frame of the fault-injection framework was on the way. */
  skipTo(step: PlanStep): boolean {
    for (; this.#at < this.#lines.length; this.#at++) {
      const line = this.#lines[this.#at];
      if (!line) continue;
      if (line.marks.injected) return false;
      const names = namesFor(step, line);
      if (!names) continue;
      this.#add(names);
      this.#at++;
      return true;
    }
    return true;
  }

  readStack(next: PlanStep | undefined): 'end' | 'next' | 'injected' {
    while (this.#at < this.#lines.length) {
      const line = this.#lines[this.#at++];
      if (!line) continue;
      if (line.marks.injected) return 'injected';
      if (line.marks.marker !== undefined) return 'end';
      if (next !== undefined && next !== 'stack') {
        const names = namesFor(next, line);
        if (names) {
          this.#add(names);
          return 'next';
        }
      }
      if (line.marks.frames) this.#add(line.marks.frames);
    }
    return 'end';
  }

  close(choose: Choose): FramePick | null {
    const stripped = this.#names.map((raw) => ({ raw, name: withoutSyscallPrefix(raw).at(-1) ?? raw }));
    this.#names = [];
    const chosen = choose(stripped.map(({ name }) => name));
    if (chosen === undefined) return null;
    return { name: chosen, raw: stripped.find(({ name }) => name === chosen)?.raw ?? chosen };
  }

  #add(names: readonly string[]): void {
    for (const name of names) if (!isBystander(name) && !this.#skip(name)) this.#names.push(name);
  }
}

/** Names that a line gives to a step; undefined when the step does not stop there. */
function namesFor(step: PlanStep, line: ReportLine): readonly string[] | undefined {
  const { marks } = line;
  switch (step) {
    case 'stack':
      return undefined;
    case 'ip':
      return marks.ip === undefined ? undefined : listOf(marks.ip);
    case 'ip-or-interrupt':
      if (marks.ip !== undefined) return listOf(marks.ip);
      return marks.interrupt === undefined ? undefined : [marks.interrupt];
    case 'trace':
      return marks.callTrace ? [] : undefined;
    case 'at':
      return marks.at === undefined ? undefined : [marks.at];
    case 'pc':
      return marks.pc === undefined ? undefined : [marks.pc];
    default:
  }
  if (step.startsWith('says:')) {
    const said = line.says.find(({ says }) => says === step.slice('says:'.length));
    return said ? listOf(said.fields.fn ?? null) : undefined;
  }
  for (const name of step.slice('way:'.length).split('|')) {
    const caught = marks.waypoints?.[name];
    if (caught !== undefined) return listOf(caught);
  }
  return undefined;
}

function listOf(name: string | null): readonly string[] {
  return name === null ? [] : [name];
}
