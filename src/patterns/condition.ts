import type { RE2JS } from 're2js';
import { lazy } from '../base/lazy.ts';
import type { Frame, Stack } from '../model/stack.ts';
import type { Condition, StackTest, ValueTest } from './condition-schema.ts';
import { checkedRegex, findRegex, regexSource } from './regex.ts';
import type { Subject } from './subject.ts';
import { type CompiledValue, compileValue } from './value.ts';

/** What matched, in words, and how specific that was (WEIGHTS). */
export interface Found {
  readonly weight: number;
  readonly explain: readonly string[];
}
export type Check = (subject: Subject) => Found | undefined;

/**
 * How much each condition narrows, in bits or so: a kind leaves one of about eighty, a function name one of thousands.
 * Equality counts in full, expressions and lists less (`sharpness` in value.ts).
 */
export const WEIGHTS = {
  event: 0.5,
  kind: 2,
  name: 2,
  type: 1.5,
  title: 2.5,
  frame: 3,
  module: 2,
  guiltyFile: 2.5,
  panicked: 0.5,
  corrupted: 0.5,
  stack: 2,
  context: 1.5,
  details: 1.5,
  text: 2,
  not: 0.5,
} as const;

/** Compiles a condition object: all of its members must hold. Cheap members are looked at first, as listed in COMPILERS. */
export function compileCondition(node: Condition): Check {
  const checks = (Object.keys(COMPILERS) as Member[]).flatMap((name) => {
    const value = node[name];
    return value === undefined ? [] : [(COMPILERS[name] as (value: unknown) => Check)(value)];
  });
  return every(checks);
}

type Member = keyof typeof COMPILERS;
type Compilers = { readonly [K in keyof Required<Condition>]: (value: NonNullable<Condition[K]>) => Check };

const COMPILERS = {
  event: (test) => leaf('event', compileValue(test), ({ event }) => event),
  kind: (test) => leaf('kind', compileValue(test), ({ kind }) => kind),
  name: (test) => leaf('name', compileValue(test), ({ name }) => name),
  panicked: (test) => leaf('panicked', compileValue(test), ({ finding }) => finding?.panicked),
  corrupted: (test) => leaf('corrupted', compileValue(test), ({ finding }) => finding?.corrupted),
  type: (test) => leaf('type', compileValue(test), ({ finding }) => finding?.type),
  frame: (test) => leaf('frame', compileValue(test), ({ finding }) => finding?.frame),
  module: (test) => leaf('module', compileValue(test), ({ context }) => context.module),
  guiltyFile: (test) => leaf('guiltyFile', compileValue(test), ({ finding }) => finding?.guiltyFile),
  title: compileTitle,
  context: (tests) => every(fields('context', tests, ({ context }) => context)),
  details: (tests) => every(fields('details', tests, ({ details }) => details)),
  stack: compileStack,
  all: (nodes) => every(nodes.map(compileCondition)),
  any: (nodes) => strongest(nodes.map(compileCondition)),
  text: compileText,
  not: compileNot,
} as const satisfies Compilers;

function every(checks: readonly Check[]): Check {
  return (subject) => {
    let weight = 0;
    const explain: string[] = [];
    for (const check of checks) {
      const found = check(subject);
      if (found === undefined) return undefined;
      weight += found.weight;
      explain.push(...found.explain);
    }
    return { weight, explain };
  };
}

/** The most specific branch that holds: the order in the file does not matter. */
function strongest(checks: readonly Check[]): Check {
  return (subject) => {
    let best: Found | undefined;
    for (const check of checks) {
      const found = check(subject);
      if (found !== undefined && found.weight > (best?.weight ?? -1)) best = found;
    }
    return best;
  };
}

function compileNot(node: Condition): Check {
  const check = compileCondition(node);
  const found = { weight: WEIGHTS.not, explain: [`not (${Object.keys(node).join(', ')})`] };
  return (subject) => (check(subject) === undefined ? found : undefined);
}

function leaf(
  name: keyof typeof WEIGHTS,
  test: CompiledValue,
  pick: (subject: Subject) => unknown,
  label?: string,
): Check {
  const weight = WEIGHTS[name] * test.sharpness;
  return (subject) => {
    const seen = test.check(pick(subject));
    return seen === undefined ? undefined : { weight, explain: [`${label ?? name}=${seen}`] };
  };
}

function fields(
  name: 'context' | 'details',
  tests: Readonly<Partial<Record<string, ValueTest>>>,
  pick: (subject: Subject) => unknown,
): Check[] {
  return Object.entries(tests).flatMap(([path, test]) => {
    if (test === undefined) return [];
    const keys = path.split('.');
    return [leaf(name, compileValue(test), (subject) => at(pick(subject), keys), `${name}.${path}`)];
  });
}

/** The value at a path of own members; undefined when there is none. */
export function at(value: unknown, keys: readonly string[]): unknown {
  let here = value;
  for (const key of keys) {
    if (typeof here !== 'object' || here === null || !Object.hasOwn(here, key)) return undefined;
    here = (here as Record<string, unknown>)[key];
  }
  return here;
}

function compileTitle(test: ValueTest): Check {
  const value = compileValue(test);
  return ({ finding }) => {
    if (finding === undefined) return undefined;
    for (const title of [finding.title, ...finding.altTitles]) {
      const seen = value.check(title);
      if (seen !== undefined) return { weight: WEIGHTS.title * value.sharpness, explain: [`title=${seen}`] };
    }
    return undefined;
  };
}

function compileStack(test: StackTest): Check {
  const role = test.role === undefined ? undefined : compileValue(test.role);
  const parts = (['fn', 'module', 'file'] as const).flatMap((key) => {
    const want = test[key];
    return want === undefined ? [] : [{ key, value: compileValue(want) }];
  });
  const sharpest = [...(role ? [{ value: role }] : []), ...parts].reduce((sum, part) => sum + part.value.sharpness, 0);
  const weight = WEIGHTS.stack * (sharpest + (test.of === undefined ? 0 : ONE_STACK));
  const which = test.of === undefined ? '' : `${test.of} `;
  const limit = test.within ?? Number.POSITIVE_INFINITY;
  const fits = (frame: Frame): boolean => parts.every(({ key, value }) => value.check(frame[key]) !== undefined);
  return ({ finding }) => {
    for (const stack of stacksOf(finding, test.of)) {
      if (role !== undefined && role.check(stack.role) === undefined) continue;
      if (parts.length === 0) return { weight, explain: [`${which}stack ${stack.role}`] };
      // `?` frames are leftovers between the real ones: they neither match nor use up the distance.
      const frames = stack.frames.filter((frame) => frame.reliable || test.unreliable === true);
      const index = frames.findIndex((frame, i) => i < limit && fits(frame));
      const frame = frames[index];
      if (frame === undefined) continue;
      const module = frame.module === undefined ? '' : ` [${frame.module}]`;
      return { weight, explain: [`${which}stack ${stack.role} #${index} ${frame.fn}${module}`] };
    }
    return undefined;
  };
}

/** What it narrows further that the stack is a certain one: a report has several. */
const ONE_STACK = 0.1;

/** The stacks that a condition may look at. A dump of all tasks behind a report says little about what it reports. */
function stacksOf(finding: Subject['finding'], of: StackTest['of']): readonly Pick<Stack, 'role' | 'frames'>[] {
  const { stacks = [], frame = '' } = finding ?? {};
  if (of === undefined) return stacks;
  if (of === 'first') return stacks.slice(0, 1);
  const blamed = stacks.find(({ frames }) => frames.some(({ fn, reliable }) => reliable && fn === frame));
  return blamed === undefined ? [] : [blamed];
}

/** Of several texts one must occur. A literal is searched as it is, `/…/` as an expression. */
function compileText(test: string | readonly string[]): Check {
  const words = typeof test === 'string' ? [test] : test;
  return strongest(
    words.map((word): Check => {
      const source = regexSource(word);
      const expression = source === undefined ? undefined : lazy(() => checkedRegex(source));
      const weight = WEIGHTS.text * (words.length > 1 ? 0.8 : 1);
      return (subject) => {
        const seen = occurrence(subject.text(), word, expression?.());
        return seen === undefined ? undefined : { weight, explain: [`text "${seen.slice(0, 80)}"`] };
      };
    }),
  );
}

/** The words that matched; an expression stands for the literal where there is one. */
function occurrence(text: string, word: string, re: RE2JS | undefined): string | undefined {
  if (re === undefined) return text.includes(word) ? word : undefined;
  return re.test(text) ? findRegex(re, text)?.text : undefined;
}
