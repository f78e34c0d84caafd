import * as z from 'zod';
import { actionSchema, classificationSchema, severitySchema } from '../model/classification-schema.ts';
import { contextSchema } from '../model/event-schema.ts';
import { KIND_NAMES } from '../model/kinds.ts';
import { compileRegex, regexSource } from './regex.ts';

/**
 * What a file `patterns/<area>/<id>.yaml` may hold. Everything is data: there is no way to write a command.
 *
 * A test of a value is a bare string, number or boolean (equal), `/expression/` (RE2, anywhere in the value), a list (one of),
 * or an object: `contains`, `prefix`, `atLeast`, `atMost`, `exists`. All conditions of one object must hold.
 */
const text = z.string().min(1).max(2000);
const regexText = z.string().superRefine((source, context) => {
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
    within: z.number().int().min(1).max(100).optional().describe('only the first frames of a stack, innermost first'),
    unreliable: z.boolean().optional().describe('true lets frames count that the unwinder does not vouch for'),
  })
  .refine((test) => test.fn ?? test.module ?? test.file ?? test.role, 'a stack test needs fn, module, file or role');
export type StackTest = Readonly<z.infer<typeof stackTestSchema>>;

const CONTEXT_FIELDS = ['cpu', 'pid', 'comm', 'taint', 'kernel', 'hardware', 'module'] as const;

const leafShape = {
  event: someOf(z.enum(['crash', 'race', 'lock', 'leak'])).optional(),
  kind: someOf(z.enum(KIND_NAMES as [string, ...string[]])).optional(),
  type: valueTestSchema.optional(),
  title: valueTestSchema.optional().describe('the title or one of the alternative titles'),
  frame: valueTestSchema.optional().describe('the blamed function'),
  module: valueTestSchema.optional().describe('the module that the report names'),
  guiltyFile: valueTestSchema.optional(),
  panicked: z.boolean().optional(),
  corrupted: z.boolean().optional(),
  stack: stackTestSchema.optional().describe('one frame of any stack satisfies all members'),
  context: z.partialRecord(z.enum(CONTEXT_FIELDS), valueTestSchema).optional(),
  details: z.record(z.string(), valueTestSchema).optional().describe('by path: `access`, `object.cache`'),
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

const limitsSchema = z.strictObject({
  action: actionSchema,
  attempts: z.number().int().min(1).max(5).optional(),
  timeoutSeconds: z.number().positive().max(600).optional(),
});

const versionText = z.string().regex(/^\d+\.\d+(\.\d+)?$/, 'a kernel version is written "6.1" or "6.1.55", in quotes');

const findingSampleSchema = z.strictObject({
  event: z.enum(['crash', 'race', 'lock', 'leak']),
  kind: z.enum(KIND_NAMES as [string, ...string[]]),
  title: text,
  frame: text.optional(),
  context: contextSchema.optional(),
  details: z.record(z.string(), z.unknown()).optional(),
});
export type FindingSample = z.infer<typeof findingSampleSchema>;

const sampleSchema = z
  .strictObject({
    text: z.string().min(1).max(16_384).optional(),
    fixture: z
      .string()
      .regex(/^(?!.*(^|\/)\.\.?(\/|$))[^/\\][^\\]*$/, 'a path below fixtures/, without . and ..')
      .optional(),
    lines: z
      .string()
      .regex(/^\d+-\d+$/, 'written "10-42"')
      .optional(),
    finding: findingSampleSchema.optional().describe('what an analysis of traces yields; no log holds its text'),
    recorded: text.optional().describe('kernel and circumstances of a recording'),
    constructed: text.optional().describe('kernel source file whose format the text follows'),
  })
  .refine(
    ({ text, fixture, finding }) => [text, fixture, finding].filter((one) => one !== undefined).length === 1,
    'needs one of text, fixture and finding',
  )
  .refine(
    (sample) => sample.fixture !== undefined || (sample.recorded === undefined) !== (sample.constructed === undefined),
    'says where its text comes from: `recorded: kernel, how` or `constructed: path/of/kernel-source.c`',
  );

const samplesSchema = z.array(sampleSchema).min(1).max(20);

export const patternSchema = z.strictObject({
  id: z
    .string()
    .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'lower-case words joined by hyphens')
    .max(80),
  title: z.string().min(5).max(120),
  classification: classificationSchema,
  severity: severitySchema,
  match: conditionSchema,
  extract: z
    .record(
      z.string().regex(/^[a-z][A-Za-z0-9]*$/),
      z.strictObject({
        from: z.string().regex(/^(title|text|frame|details\.[\w.]+)$/, 'title, text, frame or details.<path>'),
        regex: regexText.refine((source) => regexSource(source) !== undefined, 'written between slashes: /…/'),
      }),
    )
    .optional()
    .describe('values to show with a match: the first group of the expression, else the whole match'),
  advice: z.strictObject({
    meaning: z.string().min(40).max(2000),
    lookAt: z.array(z.string().min(10).max(600)).min(1).max(12).describe('what to look at first, in this order'),
    docs: z
      .array(z.string().regex(/^Documentation\/[\w./-]+\.(rst|txt)$/, 'a file of the kernel tree: Documentation/….rst'))
      .min(1)
      .max(6),
  }),
  actions: z
    .array(z.union([actionSchema, limitsSchema]))
    .max(12)
    .optional(),
  references: z
    .array(z.url({ protocol: /^https$/ }))
    .max(10)
    .optional(),
  since: versionText.optional().describe('first kernel release that it applies to'),
  until: versionText.optional().describe('last one, its point releases included'),
  samples: samplesSchema,
  counterSamples: samplesSchema,
});
export type PatternFile = z.infer<typeof patternSchema>;

/** Every key that a pattern file can hold, for "did you mean". */
export const KNOWN_KEYS: readonly string[] = [
  ...Object.keys(patternSchema.shape),
  ...Object.keys(leafShape),
  'all',
  'any',
  'not',
  ...Object.keys(stackTestSchema.shape),
  ...Object.keys(rangeSchema.shape),
  ...Object.keys(sampleSchema.shape),
  ...Object.keys(findingSampleSchema.shape),
  ...Object.keys(limitsSchema.shape),
  ...CONTEXT_FIELDS,
  'meaning',
  'lookAt',
  'docs',
  'from',
  'regex',
];
