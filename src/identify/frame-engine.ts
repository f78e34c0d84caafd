import type { ReportLine } from '../model/report.ts';
import { demangle } from './demangle.ts';
import type { PlanStep } from './formats/format.ts';
import type { NameMatcher } from './name-match.ts';
import { isBystander, withoutSyscallPrefix } from './skip-list.ts';
import type { Pick } from './special-frames.ts';

export interface FramePick {
  /** The name a title carries. */
  readonly name: string;
  /** The name as the stack has it. */
  readonly raw: string;
}

export type Choose = (names: readonly string[]) => Pick | undefined;

export interface PlanResult {
  /** One per stack of the plan; undefined where a stack names nobody to blame. */
  readonly picks: readonly (FramePick | undefined)[];
  /** Every stack gave a frame, and none shows a failure that was injected on purpose. */
  readonly whole: boolean;
}

/** Walks a plan over the lines: skip to a line, read a stack, and so on. */
export function runPlan(
  lines: readonly ReportLine[],
  from: number,
  plan: readonly PlanStep[],
  skip: NameMatcher,
  choose: Choose,
): PlanResult {
  const picks: (FramePick | undefined)[] = [];
  let whole = true;
  const walk = new Walk(lines, from, skip);
  let stacks = 0;
  for (let at = 0; at < plan.length; at++) {
    const step = plan[at];
    if (step === undefined) break;
    if (step !== 'stack') {
      if (!walk.skipTo(step)) whole = false;
      continue;
    }
    if (++stacks > 1) picks.push(walk.close(choose));
    const read = walk.readStack(plan[at + 1]);
    if (read === 'injected') whole = false;
    if (read === 'next') at++;
  }
  picks.push(walk.close(choose));
  return { picks, whole: whole && picks.every((pick) => pick !== undefined) };
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
    while (this.#at < this.#lines.length) {
      const line = this.#lines[this.#at++];
      if (!line) continue;
      if (line.marks.injected) return false;
      const names = namesFor(step, line);
      if (!names) continue;
      this.#add(names);
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

  close(choose: Choose): FramePick | undefined {
    const names = this.#names;
    this.#names = [];
    const pick = choose(names.map((raw) => withoutSyscallPrefix(raw).at(-1) ?? raw));
    return pick && { name: pick.name, raw: names[pick.at] ?? pick.name };
  }

  #add(names: readonly string[]): void {
    for (const name of names.map(demangle)) if (!isBystander(name) && !this.#skip(name)) this.#names.push(name);
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
