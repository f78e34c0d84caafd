import * as z from 'zod';
import { actionSchema, classificationSchema, severitySchema } from '../model/classification-schema.ts';
import { CONDITION_KEYS, matchSchema, regexText } from './condition-schema.ts';
import { regexSource } from './regex.ts';
import { SAMPLE_KEYS, sampleSchema } from './sample-schema.ts';

/** What a file `patterns/<area>/<id>.yaml` may hold. Everything is data: there is no way to write a command. */
const limitsSchema = z.strictObject({
  action: actionSchema,
  attempts: z.number().int().min(1).max(5).optional(),
  timeoutSeconds: z.number().positive().max(600).optional(),
});

const versionText = z.string().regex(/^\d+\.\d+(\.\d+)?$/, 'a kernel version is written "6.1" or "6.1.55", in quotes');

const samplesSchema = z.array(sampleSchema).min(1).max(20);

export const patternSchema = z.strictObject({
  id: z
    .string()
    .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'lower-case words joined by hyphens')
    .max(80),
  title: z.string().min(5).max(120),
  classification: classificationSchema,
  severity: severitySchema,
  match: matchSchema,
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
  ...CONDITION_KEYS,
  ...SAMPLE_KEYS,
  ...Object.keys(limitsSchema.shape),
  'meaning',
  'lookAt',
  'docs',
  'from',
  'regex',
];
