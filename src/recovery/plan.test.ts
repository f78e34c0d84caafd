import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CLASSIFICATIONS } from '../model/classification.ts';
import { ACTION_TABLE } from './action-table.ts';
import { LADDERS } from './ladder.ts';
import { type PlanInput, planRecovery } from './plan.ts';
import type { Facts } from './refuse.ts';
import { planInputs } from './testing.ts';

const HEALTHY: Facts = {
  guestAlive: true,
  agentAnswers: true,
  snapshotAvailable: true,
  moduleLoaded: true,
  taint: 'G           O',
  attempts: {},
};
const actionsOf = (input: Omit<PlanInput, 'facts' | 'severity'> & { facts?: Partial<Facts> }): string =>
  planRecovery({ severity: 'critical', ...input, facts: { ...HEALTHY, ...input.facts } })
    .rungs.map((rung) => rung.action)
    .join(' ');

const RENEW = 'restore-snapshot reset-guest cold-boot';
const RELOAD = 'pause-load unmount reload-module remount';
const CAPTURE = 'collect-pstore pause-guest dump-memory';

describe('planRecovery', () => {
  test.each<[string, Parameters<typeof actionsOf>[0], string]>([
    ['a WARNING reloads the module', { classification: 'module-crash', kind: 'warning' }, `${RELOAD} ${RENEW}`],
    ['an oops never reloads', { classification: 'module-crash', kind: 'null-deref' }, RENEW],
    ['nor does taint D', { classification: 'module-crash', kind: 'warning', facts: { taint: 'G      D    O' } }, RENEW],
    [
      'spelled-out taint of another kind does not count',
      { classification: 'module-crash', kind: 'warning', facts: { taint: 'G O 6.12.1 [W]=WARN, [O]=OOT_MODULE' } },
      `${RELOAD} ${RENEW}`,
    ],
    [
      'no snapshot',
      { classification: 'memory-corruption', facts: { snapshotAvailable: false } },
      `pause-load ${CAPTURE} reset-guest cold-boot`,
    ],
    [
      'of a panic the memory is kept',
      { classification: 'kernel-panic', facts: { guestAlive: false } },
      `collect-pstore dump-memory ${RENEW}`,
    ],
    [
      'unless there is no place for it',
      { classification: 'kernel-panic', facts: { noDump: 'no disk' } },
      `collect-pstore ${RENEW}`,
    ],
    ['or it is gone', { classification: 'kernel-panic', facts: { guestAlive: false, machineGone: true } }, RENEW],
    [
      'stopped CPUs are let run on',
      { classification: 'system-hang', facts: { agentAnswers: false, paused: true } },
      `resume-guest sysrq-dump inject-nmi ${CAPTURE} ${RENEW}`,
    ],
    [
      'an agent that is gone is waited for',
      { classification: 'unknown', facts: { agentAnswers: false } },
      `restart-agent ${RENEW}`,
    ],
    [
      'but not one that holds its port and is silent',
      { classification: 'unknown', facts: { agentAnswers: false, agentStuck: true } },
      RENEW,
    ],
    [
      'and one that came back is set to work',
      { classification: 'unknown', facts: { agentRestarted: true } },
      `restart-agent keep-running ${RENEW}`,
    ],
    [
      'without memory there is more to be had',
      { classification: 'out-of-memory', facts: { snapshotAvailable: false } },
      'release-load drop-caches end-tasks reset-guest raise-memory cold-boot',
    ],
    [
      'a module that leaks is looked at while it is out',
      { classification: 'resource-leak' },
      `pause-load drop-caches unmount unload-module load-module remount ${RENEW}`,
    ],
    [
      'what came back is not mended in place again',
      { classification: 'module-crash', kind: 'warning', facts: { earlier: 2 } },
      RENEW,
    ],
    ['a dead guest', { classification: 'deadlock', facts: { guestAlive: false } }, RENEW],
    ['a silent agent', { classification: 'deadlock', facts: { agentAnswers: false } }, `sysrq-dump ${RENEW}`],
    [
      'a hang is asked first',
      { classification: 'system-hang', facts: { agentAnswers: false } },
      `sysrq-dump inject-nmi ${CAPTURE} ${RENEW}`,
    ],
    ['but not by NMI when the agent answers', { classification: 'system-hang' }, `sysrq-dump ${CAPTURE} ${RENEW}`],
    ['a race goes on', { classification: 'race' }, `raise-sampling keep-running ${RENEW}`],
    [
      'a wish shortens the gentle part',
      { classification: 'module-crash', kind: 'warning', actions: ['restore-snapshot'] },
      RENEW,
    ],
    [
      'and keeps what the memory holds',
      { classification: 'memory-corruption', actions: ['pause-load', 'restore-snapshot'] },
      `pause-load ${CAPTURE} ${RENEW}`,
    ],
    [
      'a wish keeps the dump before it',
      { classification: 'deadlock', actions: [{ action: 'end-tasks', attempts: 1 }] },
      `sysrq-dump end-tasks ${RENEW}`,
    ],
    [
      'what was tried often enough is left out',
      { classification: 'mount-failure', facts: { attempts: { remount: 3, 'reload-module': 2, unmount: 2 } } },
      RENEW,
    ],
    [
      'the operator decides',
      { classification: 'out-of-memory', facts: { allowed: ['drop-caches', 'reset-guest'] } },
      'drop-caches reset-guest',
    ],
    ['nothing allowed', { classification: 'unknown', facts: { allowed: [] } }, ''],
    [
      'a small budget keeps the strongest',
      { classification: 'io-error', budget: { actions: 2, deadlineMs: 1000 } },
      'reset-guest cold-boot',
    ],
  ])('%s', (_name, input, expected) => {
    expect(actionsOf(input)).toBe(expected);
  });

  test('each decision is explained', () => {
    const { explain } = planRecovery({
      classification: 'module-crash',
      severity: 'critical',
      kind: 'null-deref',
      facts: { ...HEALTHY, snapshotAvailable: false },
    });
    expect(explain).toEqual([
      'module-crash (critical, null-deref)',
      'not unmount: null-deref killed a task inside the kernel: locks may be held for ever',
      'not reload-module: null-deref killed a task inside the kernel: locks may be held for ever',
      'not remount: null-deref killed a task inside the kernel: locks may be held for ever',
      'not pause-load: nothing is left to prepare for',
      'not restore-snapshot: there is no snapshot',
    ]);
  });

  test('what keeps coming back has its test set apart, with the reason', () => {
    const { afterwards, explain } = planRecovery({
      classification: 'race',
      severity: 'major',
      facts: { ...HEALTHY, earlier: 3 },
    });
    expect(afterwards.map(({ action }) => action)).toEqual(['resume-load', 'isolate-test']);
    expect(explain).toContain('isolate-test: the same failure came back after 3 recoveries');
  });

  test('a stage that hardly ever helped is left out, with the reason', () => {
    const figure = { classification: 'module-crash', action: 'remount', meanMs: 1, done: 40 } as const;
    const input = { classification: 'module-crash', severity: 'major', kind: 'warning', facts: HEALTHY } as const;
    const plan = planRecovery({ ...input, statistics: [{ ...figure, tries: 40, verified: 0, escalated: 40 }] });
    expect(plan.rungs.map(({ action }) => action).join(' ')).toBe(RENEW);
    expect(plan.explain).toContain('not "a fresh module": it helped in 0 of 40 earlier tries');
  });

  test('limits of a pattern travel into the rung', () => {
    const { rungs } = planRecovery({
      classification: 'mount-failure',
      severity: 'major',
      actions: [{ action: 'remount', attempts: 2, timeoutSeconds: 7 }],
      facts: HEALTHY,
    });
    expect(rungs[0]).toMatchObject({ action: 'remount', attempts: 2, timeoutMs: 7000, verify: true });
  });

  test.each(CLASSIFICATIONS)('the ladder of %s ends in a new machine and never climbs down', (classification) => {
    const costs = LADDERS[classification].stages.map((stage) =>
      Math.max(...stage.actions.map((action) => ACTION_TABLE[action].cost)),
    );
    expect(costs).toEqual(costs.toSorted((a, b) => a - b));
    expect(LADDERS[classification].stages.at(-1)?.actions).toEqual(['cold-boot']);
  });

  test('whatever the facts, a plan is sound', () => {
    fc.assert(
      fc.property(planInputs, (input) => {
        const { rungs, explain } = planRecovery(input);
        expect(rungs.length).toBeLessThanOrEqual(input.budget?.actions ?? 0);
        expect(rungs.at(-1)?.verify ?? true).toBe(true);
        expect(explain.length).toBeGreaterThan(0);
        for (const rung of rungs) {
          expect(rung.attempts).toBeGreaterThanOrEqual(1);
          expect(input.facts.allowed?.includes(rung.action) ?? true).toBe(true);
          if (!input.facts.guestAlive) expect(ACTION_TABLE[rung.action].needs).toBe('host');
          if (input.facts.taint.includes('D')) expect(ACTION_TABLE[rung.action].inPlace).toBe(false);
        }
      }),
    );
  });
});
