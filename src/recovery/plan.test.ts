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
      'pause-load reset-guest cold-boot',
    ],
    ['a dead guest', { classification: 'deadlock', facts: { guestAlive: false } }, RENEW],
    ['a silent agent', { classification: 'deadlock', facts: { agentAnswers: false } }, `sysrq-dump ${RENEW}`],
    [
      'a hang is asked first',
      { classification: 'system-hang', facts: { agentAnswers: false } },
      `sysrq-dump inject-nmi ${RENEW}`,
    ],
    ['but not by NMI when the agent answers', { classification: 'system-hang' }, `sysrq-dump ${RENEW}`],
    ['a race goes on', { classification: 'race' }, `keep-running ${RENEW}`],
    [
      'a wish shortens the gentle part',
      { classification: 'module-crash', kind: 'warning', actions: ['restore-snapshot'] },
      RENEW,
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
