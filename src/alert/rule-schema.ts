import * as z from 'zod';
import { readValue, type ValueType } from '../config/value-types.ts';
import { CLASSIFICATIONS, SEVERITIES } from '../model/classification.ts';
import { VERDICTS } from '../model/test-run.ts';

/** A text in a form of the options: `90s`, `0.9`. */
function form(type: ValueType) {
  return z.union([z.string(), z.number()]).transform((raw, context): number => {
    const read = readValue({ type }, String(raw));
    if ('value' in read) return read.value as number;
    context.addIssue({ code: 'custom', message: read.problem.replace(/\.$/, '') });
    return z.NEVER;
  });
}

const share = z.number().gt(0).lt(1);
const over = form('duration').optional().describe('looks back so far; absent: the whole run');
const least = z.int().min(1).max(10_000);

/** What an alert is about: a rule has one of these. */
const whenSchema = z
  .strictObject({
    'failure-rate': z
      .strictObject({
        above: share,
        over,
        least: least.default(5),
        verdicts: z.array(z.enum(VERDICTS)).default(['FAIL']),
      })
      .describe('share of tests that failed, of at least so many'),
    'guest-start': z
      .strictObject({ below: share, over, least: least.default(3) })
      .describe('share of starts of guests that went well, of at least so many'),
    memory: z
      .strictObject({ above: share, of: z.enum(['host', 'guest']).optional() })
      .describe('share of the memory in use, of each machine'),
    duration: z
      .strictObject({ above: z.number().gt(1).default(2), baseline: z.string().optional() })
      .describe('a test takes so many times what it took in the baseline, or before in this run'),
    hang: z.strictObject({}).describe('a guest that is silent, or an open incident that is a hang'),
    incident: z
      .strictObject({
        severity: z.enum(SEVERITIES).optional().describe('at least'),
        classification: z.array(z.enum(CLASSIFICATIONS)).optional(),
      })
      .describe('an incident that is open, or ended without having been recovered'),
  })
  .partial()
  .refine((when) => Object.keys(when).length === 1, 'has one condition, no more and no less');

const name = z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'small letters, digits and dashes, up to 63');

const ruleSchema = z.strictObject({
  name,
  about: z.string().max(500).optional(),
  severity: z.enum(SEVERITIES).default('major'),
  when: whenSchema,
  for: form('duration').optional().describe('how long it has to hold'),
});

const environment = z.string().regex(/^[A-Za-z_][A-Za-z0-9_]{0,127}$/, 'the name of a variable of the environment');

const sendSchema = z.discriminatedUnion('to', [
  z.strictObject({ to: z.literal('terminal') }),
  z.strictObject({ to: z.literal('desktop') }),
  z.strictObject({
    to: z.literal('webhook'),
    url: z.url({ protocol: /^https?$/ }),
    headers: z.record(z.string().regex(/^[A-Za-z0-9-]{1,64}$/), z.string().max(1024)).default({}),
    token: environment.optional().describe('variable that holds a token: sent as Authorization: Bearer'),
    timeout: form('duration').default(10_000),
    retries: z.int().min(0).max(10).default(3),
  }),
  z.strictObject({
    to: z.literal('command'),
    run: z
      .array(z.string().min(1).max(4096))
      .min(1)
      .max(100)
      .describe('a program and its arguments, which no shell reads'),
    timeout: form('duration').default(30_000),
  }),
]);

/** A file of alert rules. */
export const alertFileSchema = z.strictObject({
  group: form('duration').default(5000).describe('what comes within this time is one message'),
  send: z
    .array(sendSchema)
    .max(20)
    .default([{ to: 'terminal' }]),
  rules: z.array(ruleSchema).min(1).max(200),
});

export type AlertFile = z.infer<typeof alertFileSchema>;
export type Rule = AlertFile['rules'][number];
export type Send = AlertFile['send'][number];
export type SendOf<T extends Send['to']> = Extract<Send, { to: T }>;
export type When = Rule['when'];

/** Every key that a file may have, for slips of the finger. */
export const KNOWN_KEYS = [
  ...['group', 'send', 'rules', 'name', 'about', 'severity', 'when', 'for'],
  ...Object.keys(whenSchema.shape),
  ...['above', 'below', 'over', 'least', 'verdicts', 'of', 'baseline', 'classification'],
  ...['to', 'url', 'headers', 'token', 'timeout', 'retries', 'run'],
];
