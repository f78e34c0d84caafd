import * as z from 'zod';
import { eventSchema } from '../model/event-schema.ts';
import { KIND_NAMES } from '../model/kinds.ts';
import { compileRegex, regexSource } from './regex.ts';

/**
 * The `match` of a pattern: conditions on one event, or a sequence of events in time.
 *
 * A test of a value is a bare string, number or boolean (equal), `/expression/` (RE2, anywhere in the value), a list (one of),
 * or an object: `contains`, `prefix`, `atLeast`, `atMost`, `exists`. All conditions of one object must hold.
 */
export const text = z.string().min(1).max(2000);
export const regexText = z.string().superRefine((source, context) => {
  const inner = regexSource(source);
  if (inner === undefined) return;
  const regex = compileRegex(inner);
  if (!regex.ok) context.addIssue({ code: 'custom', message: regex.reason });
});
const exact = z.union([regexText.min(1).max(1100), z.number(), z.boolean()]);
const someOf = <T extends z.ZodType>(item: T) => z.union([item, z.array(item).min(1).max(100)]);

const rangeSchema = z
  .strictObject({
    contains: text.optional(),
    prefix: text.optional(),
    atLeast: z.number().optional(),
    atMost: z.number().optional(),
    exists: z.boolean().optional(),
  })
  .refine((test) => Object.keys(test).length > 0, 'an empty test matches everything');
export const valueTestSchema = z.union([exact, z.array(exact).min(1).max(100), rangeSchema]);
export type ValueTest = Readonly<z.infer<typeof valueTestSchema>>;

const stackTestSchema = z
  .strictObject({
    fn: valueTestSchema.optional(),
    module: valueTestSchema.optional(),
    file: valueTestSchema.optional(),
    role: valueTestSchema.optional(),
    of: z
      .enum(['first', 'blamed'])
      .optional()
      .describe('only the first stack of the report, or only that in which the blamed function stands'),
    within: z.number().int().min(1).max(100).optional().describe('only the first frames of a stack, innermost first'),
    unreliable: z.boolean().optional().describe('true lets frames count that the unwinder does not vouch for'),
  })
  .refine((test) => test.fn ?? test.module ?? test.file ?? test.role, 'a stack test needs fn, module, file or role');
export type StackTest = Readonly<z.infer<typeof stackTestSchema>>;

/** What a condition can speak of: findings, and the other events of a run. */
export const FINDING_EVENTS = ['crash', 'race', 'lock', 'leak'] as const;
const OTHER_EVENTS = ['incident', 'recovery', 'guest', 'gap', 'metric', 'trace', 'test'] as const;
export const eventNameSchema = z.enum([...FINDING_EVENTS, ...OTHER_EVENTS]);
/** Kinds of the other events are those of the contract; metrics and trace events have names instead. */
const OTHER_KINDS = eventSchema.options.flatMap(({ shape: { kind } }) =>
  kind instanceof z.ZodEnum ? (kind.options as string[]) : [],
);
export const kindSchema = z.enum([...new Set([...KIND_NAMES, ...OTHER_KINDS])] as [string, ...string[]]);

export const CONTEXT_FIELDS = ['cpu', 'pid', 'comm', 'taint', 'kernel', 'hardware', 'module'] as const;

const leafShape = {
  event: someOf(eventNameSchema).optional().describe('findings when it is not said'),
  kind: someOf(kindSchema).optional(),
  name: valueTestSchema.optional().describe('of a trace event or a metric'),
  type: valueTestSchema.optional(),
  title: valueTestSchema.optional().describe('the title or one of the alternative titles'),
  frame: valueTestSchema.optional().describe('the blamed function'),
  module: valueTestSchema.optional().describe('the module that the report names'),
  guiltyFile: valueTestSchema.optional(),
  panicked: z.boolean().optional(),
  corrupted: z.boolean().optional(),
  stack: stackTestSchema.optional().describe('one frame of any stack satisfies all members'),
  context: z.partialRecord(z.enum(CONTEXT_FIELDS), valueTestSchema).optional(),
  details: z
    .record(z.string(), valueTestSchema)
    .optional()
    .describe('by path: `access`, `object.cache`; of other events, their own fields'),
  text: someOf(regexText.min(1).max(1100)).optional().describe('words of the report: a bare string is contained'),
};

/** One condition object: its members must all hold. */
export interface Condition extends Readonly<z.infer<z.ZodObject<typeof leafShape>>> {
  readonly all?: readonly Condition[] | undefined;
  readonly any?: readonly Condition[] | undefined;
  readonly not?: Condition | undefined;
}

const conditionSchema: z.ZodType<Condition> = z.lazy(() =>
  z
    .strictObject({
      ...leafShape,
      all: z.array(conditionSchema).min(1).max(50).optional(),
      any: z.array(conditionSchema).min(1).max(50).optional(),
      not: conditionSchema.optional(),
    })
    .refine((node) => Object.keys(node).length > 0, 'an empty condition matches everything'),
);

/** A step of a sequence: an event, or `count` of them `within` so many seconds. */
export interface SequenceStep extends Condition {
  readonly count?: number | undefined;
  readonly within?: number | undefined;
}

/** The condition of a pattern: of one event, or, in time, of several. */
export interface PatternMatch extends Condition {
  readonly sequence?: readonly SequenceStep[] | undefined;
  readonly within?: number | undefined;
  readonly same?: Same | undefined;
}

/** What the events of a sequence have in common; of one boot unless it is said. */
const SAME = ['boot', 'incident', 'task', 'cpu', 'module', 'run'] as const;
export type Same = (typeof SAME)[number];

const nestedShape = {
  all: z.array(conditionSchema).min(1).max(50).optional(),
  any: z.array(conditionSchema).min(1).max(50).optional(),
  not: conditionSchema.optional(),
};
const secondsSchema = z.number().positive().max(86_400);
const stepShape = {
  count: z.number().int().min(2).max(1000).optional().describe('how many such events make the step; 1 when absent'),
  within: secondsSchema.optional().describe('seconds from the first to the last of them'),
};
const stepSchema: z.ZodType<SequenceStep> = z
  .strictObject({ ...leafShape, ...nestedShape, ...stepShape })
  .refine(({ count, within, ...rest }) => Object.keys(rest).length > 0, 'an empty step matches everything')
  .refine(({ count, within }) => within === undefined || count !== undefined, '`within` of a step needs a `count`');

const sequenceShape = {
  sequence: z
    .array(stepSchema)
    .min(1)
    .max(8)
    .optional()
    .describe('events in this order; the last one carries the match'),
  within: secondsSchema.optional().describe('seconds from the first to the last event of the sequence'),
  same: z.enum(SAME).optional().describe('what the events of the sequence have in common'),
};
export const matchSchema: z.ZodType<PatternMatch> = z
  .strictObject({ ...leafShape, ...nestedShape, ...sequenceShape })
  .refine((node) => Object.keys(node).length > 0, 'an empty condition matches everything')
  .refine(
    ({ sequence, within, same, ...rest }) => sequence === undefined || Object.keys(rest).length === 0,
    'a sequence stands alone; what holds for an event belongs into its step',
  )
  .refine(
    ({ sequence, within, same }) => sequence !== undefined || (within ?? same) === undefined,
    '`within` and `same` belong to a sequence',
  )
  .refine(
    ({ sequence, within }) => within !== undefined || sequence === undefined || sequence.length === 1,
    'a sequence needs `within`, in seconds',
  )
  .refine(
    ({ sequence }) => sequence?.length !== 1 || sequence[0]?.count !== undefined,
    'a sequence of one step needs a `count`',
  );

/** Every key that a condition can hold, for "did you mean". */
export const CONDITION_KEYS: readonly string[] = [
  ...Object.keys({ ...leafShape, ...nestedShape, ...stepShape, ...sequenceShape }),
  ...Object.keys(stackTestSchema.shape),
  ...Object.keys(rangeSchema.shape),
  ...CONTEXT_FIELDS,
];
