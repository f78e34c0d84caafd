import { describe, expect, test } from 'vitest';
import { judge, judgeFault, type Observed } from './judge.ts';

const WELL: Observed = { body: { end: 'right' }, findings: [], guest: 'well', disarmed: [] };
const OOPS = { title: 'an oops', severity: 'critical' } as const;

describe('a test of the code', () => {
  test.each<{ name: string; seen: Partial<Observed>; verdict: string; culprit?: string; reason: string }>([
    { name: 'all right', seen: {}, verdict: 'PASS', reason: '' },
    {
      name: 'a minor finding',
      seen: { findings: [{ title: 'slow', severity: 'minor' }] },
      verdict: 'PASS',
      reason: '',
    },
    { name: 'a finding', seen: { findings: [OOPS] }, verdict: 'FAIL', culprit: 'code', reason: 'an oops' },
    {
      name: 'a program that fell over a crash is no witness',
      seen: { findings: [OOPS, OOPS], body: { end: 'wrong', wrong: ['status 139'] }, guest: 'recovered' },
      ...{ verdict: 'FAIL', culprit: 'code', reason: 'an oops and 1 more' },
    },
    {
      name: 'a crash that ended the guest is still a crash',
      seen: { findings: [OOPS], guest: 'lost' },
      ...{ verdict: 'FAIL', culprit: 'code', reason: 'an oops' },
    },
    {
      name: 'wrong data',
      seen: { body: { end: 'wrong', wrong: ['bytes differ'] } },
      ...{ verdict: 'FAIL', culprit: 'code', reason: 'bytes differ' },
    },
    {
      name: 'stuck in the kernel',
      seen: { body: { end: 'late', limitMs: 5000, stuck: true } },
      ...{ verdict: 'FAIL', culprit: 'code', reason: 'stuck inside the kernel after 5 s' },
    },
    {
      name: 'slow',
      seen: { body: { end: 'late', limitMs: 5000, stuck: false } },
      ...{ verdict: 'ERROR', culprit: 'harness', reason: 'not done within 5 s' },
    },
    {
      name: 'the guest gone without a word',
      seen: { body: { end: 'broken', why: 'no answer' }, guest: 'lost' },
      ...{ verdict: 'ERROR', culprit: 'harness', reason: 'the guest went away' },
    },
    {
      name: 'right, with nothing to endure',
      seen: { body: { end: 'unmet', why: 'no allocation failed' } },
      ...{ verdict: 'MISS', culprit: 'harness', reason: 'no allocation failed' },
    },
    { name: 'cannot', seen: { body: { end: 'cannot', why: 'no device' } }, verdict: 'SKIP', reason: 'no device' },
    {
      name: 'silent because nobody listened',
      seen: { disarmed: ['lockdep'] },
      ...{ verdict: 'MISS', culprit: 'harness', reason: 'no longer armed: lockdep' },
    },
    {
      name: 'silent, and not all that the kernel said was heard',
      seen: { unheard: ['the log was not read to the end of the test', '7 messages of it were lost'] },
      ...{ verdict: 'MISS', culprit: 'harness' },
      reason: 'the log was not read to the end of the test, 7 messages of it were lost',
    },
    {
      name: 'what was heard counts, whatever was not',
      seen: { unheard: ['7 messages of it were lost'], findings: [OOPS] },
      ...{ verdict: 'FAIL', culprit: 'code', reason: 'an oops' },
    },
    {
      name: 'interrupted says nothing of what was seen',
      seen: { body: { end: 'interrupted' }, findings: [OOPS] },
      ...{ verdict: 'ERROR', culprit: 'harness', reason: 'interrupted' },
    },
  ])('$name', ({ seen, verdict, culprit, reason }) => {
    expect(judge({ ...WELL, ...seen })).toEqual({ verdict, ...(culprit && { culprit }), reason });
  });
});

describe('a fault put in on purpose', () => {
  const fault = { classification: 'deadlock', outcome: 'recovered', title: 'tasks wait', recoveryMs: 900 };
  test.each<{ name: string; seen: Partial<Observed>; verdict: string; culprit?: string; reason: string }>([
    { name: 'mended', seen: { fault, findings: [OOPS] }, verdict: 'PASS', reason: 'deadlock: tasks wait' },
    { name: 'unnoticed', seen: {}, verdict: 'FAIL', culprit: 'tool', reason: 'nothing was noticed' },
    {
      name: 'called something else',
      seen: { fault: { ...fault, classification: 'unknown' } },
      ...{ verdict: 'FAIL', culprit: 'tool', reason: 'called unknown, not deadlock: tasks wait' },
    },
    {
      name: 'not mended',
      seen: { fault: { ...fault, outcome: 'not-recovered' } },
      ...{ verdict: 'FAIL', culprit: 'tool', reason: 'not-recovered: tasks wait' },
    },
    {
      name: 'mended too late',
      seen: { fault: { ...fault, recoveryMs: 31_000 } },
      ...{
        verdict: 'FAIL',
        culprit: 'tool',
        reason: 'mended after 31.0 s beyond the boot, more than 30.0 s: tasks wait',
      },
    },
    {
      name: 'the guest gone for good',
      seen: { fault, guest: 'lost' },
      ...{ verdict: 'FAIL', culprit: 'tool', reason: 'the guest was not brought back' },
    },
  ])('$name', ({ seen, verdict, culprit, reason }) => {
    expect(judgeFault({ ...WELL, ...seen }, ['deadlock'], 30_000)).toEqual({
      verdict,
      ...(culprit && { culprit }),
      reason,
    });
  });
});
