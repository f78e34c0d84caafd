import type { Change } from '../model/comparison.ts';
import type { MeasuredRun, Side } from '../model/measured-run.ts';
import type { Between } from '../model/trend.ts';
import { testName } from './metrics.ts';

/** Facts that make a machine another one: speeds of two of them are not of the same thing. */
const OF_THE_MACHINE: ReadonlySet<string> = new Set(['cpu', 'cpus', 'accelerator', 'guest-cpus', 'guest-memory']);
/** Said once, in the list of what else has changed. */
const UNKNOWN = 'not written down';
/** Options of a command that say where something is kept, with a value behind them. */
const PLACES: ReadonlySet<string> = new Set(['--folder', '-o', '--output', '--baseline']);

/** What makes both machines different. Facts that one side does not have say nothing. */
export function unlikeOf(before: Side, after: Side): Change[] {
  return factChanges(before, after).filter(
    ({ what, before: old, after: fresh }) => OF_THE_MACHINE.has(what) && old !== UNKNOWN && fresh !== UNKNOWN,
  );
}

/** What else is not the same: where to look for the reason. */
export function changesOf(before: Side, after: Side): Change[] {
  const facts = factChanges(before, after).filter(({ what }) => !OF_THE_MACHINE.has(what));
  const others = [
    change('tool', before, after, ({ tool }) => tool),
    change('guests', before, after, ({ guests }) => guests.join('; ')),
    change('command', before, after, ({ command }) => withoutPlaces(command).join(' ')),
  ];
  return [...others.flat(), ...facts];
}

/** What identifies the machine of a run; the same text for runs whose speeds can be compared. */
export function machineOf({ facts }: MeasuredRun): string {
  return JSON.stringify([...OF_THE_MACHINE].map((name) => facts.get(name) ?? ''));
}

/** Two of the runs by their names, and all that is not the same of them; undefined where one is not among them. */
export function betweenRuns(runs: readonly MeasuredRun[], before: string, after: string): Between | undefined {
  const [one, other] = [before, after].map((name) => runs.find((run) => run.name === name));
  if (one === undefined || other === undefined) return undefined;
  const [old, fresh] = [
    { name: before, runs: [one] },
    { name: after, runs: [other] },
  ];
  return { before, after, changes: [...unlikeOf(old, fresh), ...changesOf(old, fresh)] };
}

/** Tests that end otherwise than they did. */
export function verdictsOf(before: Side, after: Side): Change[] {
  const [old, fresh] = [verdicts(before), verdicts(after)];
  return [...new Set([...old.keys(), ...fresh.keys()])].flatMap((what) => {
    const [was, is] = [old.get(what) ?? 'not run', fresh.get(what) ?? 'not run'];
    return was === is ? [] : [{ what, before: was, after: is }];
  });
}

/** Of each test, the verdicts that it has had. */
export function verdicts({ runs }: Side): Map<string, string> {
  const seen = new Map<string, Set<string>>();
  for (const test of runs.flatMap(({ tests }) => tests)) {
    const name = testName(test);
    seen.set(name, (seen.get(name) ?? new Set()).add(test.verdict));
  }
  return new Map([...seen].map(([name, of]) => [name, [...of].sort().join(' and ')]));
}

function factChanges(before: Side, after: Side): Change[] {
  const names = new Set([...before.runs, ...after.runs].flatMap(({ facts }) => [...facts.keys()]));
  return [...names].sort().flatMap((what) => change(what, before, after, ({ facts }) => facts.get(what) ?? UNKNOWN));
}

function change(what: string, before: Side, after: Side, of: (run: MeasuredRun) => string): Change[] {
  const [old, fresh] = [before, after].map(({ runs }) => [...new Set(runs.map(of))].join(' and '));
  return old === fresh ? [] : [{ what, before: old ?? '', after: fresh ?? '' }];
}

function withoutPlaces(command: readonly string[]): string[] {
  return command.filter((word, i) => !PLACES.has(word) && !PLACES.has(command[i - 1] ?? ''));
}
