import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ACTIONS, type Classification } from '../model/classification.ts';
import { ACTION_TABLE } from './action-table.ts';
import { executeRecovery, type Outcome, type RecoveryRecord } from './execute.ts';
import { DEFAULT_BUDGET, type Plan, type PlanInput, planRecovery } from './plan.ts';
import { type Ailment, planInputs, SimulatedGuest } from './testing.ts';

const plan = (classification: Classification, rest: Partial<PlanInput> = {}): Plan =>
  planRecovery({
    classification,
    severity: 'critical',
    facts: {
      guestAlive: true,
      agentAnswers: true,
      snapshotAvailable: true,
      moduleLoaded: true,
      taint: '',
      attempts: {},
    },
    ...rest,
  });

async function run(what: Plan, ailment: Ailment, signal = new AbortController().signal) {
  const guest = new SimulatedGuest(ailment);
  const records: RecoveryRecord[] = [];
  const outcome = await executeRecovery(what, guest, { signal, record: (record) => records.push(record) });
  return { outcome, records, guest };
}

const show = (records: readonly RecoveryRecord[]): string =>
  records.map(({ action, result, verified }) => `${action}:${result}${verified ? '!' : ''}`).join(' ');

describe('executeRecovery', () => {
  test.each<[string, Plan, Ailment, Outcome, string]>([
    [
      'the gentle stage suffices, then the load resumes',
      plan('module-crash'),
      { mendedBy: ['reload-module'] },
      'recovered',
      'pause-load:ok unmount:ok reload-module:ok remount:ok! resume-load:ok',
    ],
    [
      'a busy unmount skips its stage and the snapshot helps',
      plan('module-crash'),
      { mendedBy: ['restore-snapshot'], fails: ['unmount'] },
      'recovered',
      'pause-load:ok unmount:failed unmount:failed reload-module:skipped remount:skipped restore-snapshot:ok! resume-load:ok',
    ],
    [
      'an unhealthy guest escalates to the end',
      plan('kernel-panic'),
      { mendedBy: ['cold-boot'], throws: ['restore-snapshot'] },
      'recovered',
      'collect-pstore:ok pause-guest:ok dump-memory:ok restore-snapshot:failed restore-snapshot:failed reset-guest:ok cold-boot:ok! resume-load:ok',
    ],
    [
      'nothing helps',
      plan('kernel-panic'),
      { mendedBy: [] },
      'not-recovered',
      'collect-pstore:ok pause-guest:ok dump-memory:ok restore-snapshot:ok reset-guest:ok cold-boot:ok',
    ],
    [
      'an action that never answers is given up',
      plan('deadlock'),
      { mendedBy: ['restore-snapshot'], hangs: ['sysrq-dump', 'end-tasks'] },
      'recovered',
      'sysrq-dump:failed end-tasks:failed end-tasks:failed restore-snapshot:ok! resume-load:ok',
    ],
    [
      'a health check that never answers counts as ill',
      plan('race'),
      { mendedBy: ['keep-running'], healthHangs: true },
      'not-recovered',
      'raise-sampling:ok keep-running:ok restore-snapshot:ok reset-guest:ok cold-boot:ok',
    ],
    [
      'the deadline skips what is left',
      plan('kernel-panic', { budget: { actions: 9, deadlineMs: 5000 } }),
      { mendedBy: [], hangs: ['restore-snapshot'] },
      'not-recovered',
      'collect-pstore:ok pause-guest:ok dump-memory:ok restore-snapshot:failed reset-guest:skipped cold-boot:skipped',
    ],
    [
      'the budget counts repetitions',
      plan('kernel-panic', { budget: { actions: 3, deadlineMs: 600_000 } }),
      { mendedBy: ['cold-boot'], fails: ['restore-snapshot', 'reset-guest'] },
      'not-recovered',
      'restore-snapshot:failed restore-snapshot:failed reset-guest:failed cold-boot:skipped',
    ],
  ])('%s', async (_name, what, ailment, outcome, expected) => {
    const result = await run(what, ailment);
    expect(show(result.records)).toBe(expected);
    expect(result.outcome).toBe(outcome);
  });

  test('an empty plan attempts nothing', async () => {
    const none = { rungs: [], afterwards: [], budget: DEFAULT_BUDGET, explain: [] };
    expect(await run(none, { mendedBy: [] })).toMatchObject({ outcome: 'not-attempted', records: [] });
  });

  test('a caller can stop it in the middle of an action that does not listen', async () => {
    const stop = new AbortController();
    setTimeout(() => stop.abort(), 0);
    const { outcome, records } = await run(plan('kernel-panic'), { mendedBy: [], hangs: [...ACTIONS] }, stop.signal);
    expect(outcome).toBe('not-recovered');
    expect(records.at(-1)?.result).toBe('skipped');
  });

  test('records say what was seen and how long it took', async () => {
    const { records } = await run(plan('performance-regression'), { mendedBy: ['keep-running'] });
    expect(records).toEqual([
      {
        action: 'keep-running',
        result: 'ok',
        verified: true,
        durationMs: 1100,
        reason: 'a healthy guest needs nothing more: done',
        checks: ['write and read back: same'],
      },
      {
        action: 'resume-load',
        result: 'ok',
        verified: false,
        durationMs: 1000,
        reason: 'the guest is healthy again: done',
        checks: [],
      },
    ]);
  });

  test('whatever fails, hangs or throws, it ends within its budget and deadline', async () => {
    const some = fc.subarray([...ACTIONS]);
    const ailments = fc.record({ mendedBy: some, hangs: some, fails: some, throws: some, healthHangs: fc.boolean() });
    await fc.assert(
      fc.asyncProperty(planInputs, ailments, async (input, ailment) => {
        const what = planRecovery(input);
        const { outcome, records, guest } = await run(what, ailment);
        const taken = records.filter((record) => record.result !== 'skipped');
        expect(taken.length).toBeLessThanOrEqual(what.budget.actions + what.afterwards.length);
        expect(guest.now()).toBeLessThanOrEqual(what.budget.deadlineMs);
        expect(outcome === 'recovered').toBe(records.some((record) => record.verified));
        expect(records.every((record) => record.durationMs >= 0)).toBe(true);
        // No rung is taken beyond its attempts, so no action beyond those of its rungs.
        for (const action of ACTIONS) {
          const most = [...what.rungs, ...what.afterwards]
            .filter((rung) => rung.action === action)
            .reduce((sum, rung) => sum + rung.attempts, 0);
          expect(taken.filter((record) => record.action === action).length).toBeLessThanOrEqual(most);
        }
        // From a stage that renews the guest nothing goes back to a gentler one.
        const costs = what.rungs
          .filter((rung) => rung.reason !== 'asked for by the pattern')
          .map((rung) => ACTION_TABLE[rung.action].cost);
        const firstRenewal = costs.findIndex((cost) => cost >= 7);
        if (firstRenewal >= 0) expect(costs.slice(firstRenewal).every((cost) => cost >= 7)).toBe(true);
      }),
      { numRuns: 200 },
    );
  });
});
