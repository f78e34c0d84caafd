import { type Clock, NS_PER_MS } from '../base/clock.ts';
import type { HostRecord } from '../model/host-record.ts';
import type { Matcher } from '../patterns/match.ts';
import { executeRecovery, type Outcome } from '../recovery/execute.ts';
import { type Plan, planRecovery } from '../recovery/plan.ts';
import { DETECTORS } from './detectors.ts';
import type { EvidenceKeeper } from './evidence.ts';
import type { GuestUnderTest } from './guest-under-test.ts';
import type { OpenIncident } from './open-incident.ts';
import { addAttempt, readFigures } from './recovery-statistics.ts';
import { createRecoveryTarget } from './recovery-target.ts';
import { answers } from './silence.ts';

export interface RecoveryPorts {
  readonly matcher: Matcher;
  readonly evidence: EvidenceKeeper;
  /** File of what recoveries came to, of all runs: read by the planner, added to. */
  readonly statistics?: string;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** What is done goes into the `host` stream. */
  readonly note: (record: HostRecord) => void;
  /** Text of the guest's log that came by another way than its console. */
  readonly hear: (text: string) => void;
  readonly warn: (message: string) => void;
}

/** A failure that came back and back, with the test during which it did. */
export interface Isolated {
  readonly title: string;
  readonly fingerprint: string;
  readonly incident: string;
  readonly test?: string;
}

/** How often a guest may break again in the recovery of one incident. */
const MAX_ROUNDS = 3;

/** What is done about the incidents of a guest: plans, climbs, and notes what came of it. */
export class IncidentRecovery {
  readonly #under: GuestUnderTest;
  readonly #ports: RecoveryPorts;
  /** How often a failure was recovered, by its fingerprint. */
  readonly #recovered = new Map<string, number>();
  readonly #isolated: Isolated[] = [];
  #agentRestarted = false;
  /** What breaks now is broken on purpose: it is mended, and does not count as coming back. */
  deliberate = false;

  constructor(under: GuestUnderTest, ports: RecoveryPorts) {
    this.#under = under;
    this.#ports = ports;
  }

  /** Failures that came back so often that what causes them is to be left out from here on. */
  get isolated(): readonly Isolated[] {
    return this.#isolated;
  }

  /** Its children are dead: the load, and what sent traces. */
  agentCameBack(pid: number): void {
    this.#under.agentDied();
    this.#agentRestarted = true;
    this.#ports.note({ record: 'guest', kind: 'agent-dead', detail: { cause: 'agent-died', pid, restarted: true } });
  }

  /** Closes an incident without doing anything about it; where that is asked for, what would be done is told. */
  async leave(open: OpenIncident, tellPlan: boolean): Promise<void> {
    if (tellPlan) this.#tell(open, (await this.#plan(open)).plan);
    this.#ports.note({ record: 'incident-closed', incident: open.id, outcome: 'not-attempted' });
    if (!open.dead && open.cause.source.stream !== 'host') await this.#noteDetectors();
  }

  /** Climbs until the guest is healthy, or nothing is left to try. */
  async recover(open: OpenIncident): Promise<Outcome> {
    const { note, signal } = this.#ports;
    let outcome: Outcome = 'not-recovered';
    note({ record: 'recovery-started', incident: open.id });
    try {
      // A guest that breaks again while its load is started anew has not recovered.
      for (let round = 0; round < MAX_ROUNDS && !signal.aborted; round++) {
        const members = open.size;
        outcome = await this.#climb(open);
        if (outcome !== 'recovered' || open.size === members || open.sizeWhenVerified === open.size) break;
      }
      if (outcome === 'recovered') {
        await this.#armWarnings();
        const { fingerprint } = open.cause;
        if (!this.deliberate) this.#recovered.set(fingerprint, (this.#recovered.get(fingerprint) ?? 0) + 1);
      }
    } finally {
      note({ record: 'incident-closed', incident: open.id, outcome, ...this.#timesOf(open) });
      if (outcome === 'recovered') await this.#noteDetectors();
    }
    return outcome;
  }

  async #climb(open: OpenIncident): Promise<Outcome> {
    const { evidence, signal, statistics, note, warn } = this.#ports;
    const { plan, classification, agentAnswers } = await this.#plan(open);
    if (plan === undefined || classification === undefined) return 'not-attempted';
    const target = createRecoveryTarget(this.#under, {
      ...{ evidence, agentAnswers },
      onLastWords: (text) => this.#hearLastWords(open, text),
      isolate: () => this.#isolate(open),
    });
    const health = async (stop: AbortSignal) => {
      const reports = open.graveSize;
      const { ok, checks } = await target.health(stop);
      const more = open.graveSize - reports;
      return more === 0 ? { ok, checks } : { ok: false, checks: [...checks, `new reports meanwhile: ${more}`] };
    };
    return executeRecovery(
      plan,
      { ...target, health },
      {
        signal,
        record: ({ checks, ...record }) => {
          if (record.verified) open.sizeWhenVerified = open.size;
          note({ record: 'recovery', incident: open.id, ...record, checks: [...checks] });
          if (statistics !== undefined && record.result !== 'skipped')
            addAttempt(statistics, { ...record, classification, kernel: this.#under.kernel.name }, warn);
        },
      },
    );
  }

  /** What would be done about an incident as it stands, and what that rests on. */
  async #plan(open: OpenIncident) {
    const under = this.#under;
    const { matcher, evidence, statistics } = this.#ports;
    const { cause } = open;
    const machine = await under.guest.state?.();
    const machineGone = machine?.status === 'no-answer';
    const guestAlive = !open.dead && !machineGone;
    const paused = machine?.status === 'paused';
    const agentAnswers = guestAlive && !paused && (await answers(under.guest));
    const [best] = cause.matches;
    if (best === undefined) return { agentAnswers };
    const noDump = evidence.noDump(under.guest, cause.fingerprint);
    const { noMoreMemory } = under;
    const plan = planRecovery({
      classification: best.classification,
      severity: best.severity,
      kind: open.worstKind,
      actions: matcher.pattern(best.pattern)?.actions ?? best.actions,
      facts: {
        ...{ guestAlive, agentAnswers, paused, machineGone },
        agentRestarted: this.#agentRestarted,
        agentStuck: guestAlive && !paused && !agentAnswers && machine?.controlPort === 'open',
        snapshotAvailable: under.snapshotAvailable,
        moduleLoaded: under.moduleLoaded,
        taint: open.taint,
        attempts: {},
        earlier: this.#recovered.get(cause.fingerprint) ?? 0,
        ...(noDump !== undefined && { noDump }),
        ...(noMoreMemory !== undefined && { noMoreMemory }),
      },
      ...(statistics !== undefined && { statistics: readFigures(statistics) }),
    });
    this.#agentRestarted = false;
    return { agentAnswers, plan, classification: best.classification };
  }

  /** A plan that nobody climbs. */
  #tell(open: OpenIncident, plan: Plan | undefined): void {
    for (const { action, reason } of [...(plan?.rungs ?? []), ...(plan?.afterwards ?? [])])
      this.#ports.note({
        ...{ record: 'recovery', incident: open.id, action, result: 'skipped', verified: false, durationMs: 0 },
        ...{ reason: `${reason}: only planned`, checks: [] },
      });
  }

  #timesOf(open: OpenIncident): { recoveryMs: number; beyondBootMs: number } {
    const recoveryMs = Math.round((this.#ports.clock.now() - open.openedAt) / NS_PER_MS);
    return { recoveryMs, beyondBootMs: Math.max(0, recoveryMs - Math.round(this.#under.bootMs - open.bootMsBefore)) };
  }

  /** Of a guest that died without a word on its console they are all that tells why. */
  #hearLastWords(open: OpenIncident, text: string): void {
    const said = open.spokenOnConsole;
    this.#ports.note({ record: 'guest', kind: 'last-words', detail: { bytes: text.length, heard: !said } });
    if (!said) this.#ports.hear(`${text}\n`);
  }

  #isolate({ cause, id }: OpenIncident): void {
    const { title, fingerprint, test } = cause;
    const isolated = { title, fingerprint, incident: id, ...(test !== undefined && { test }) };
    this.#isolated.push(isolated);
    this.#ports.note({ record: 'guest', kind: 'isolated', detail: isolated });
  }

  /** What fires once would hide the next crash. */
  async #armWarnings(): Promise<void> {
    await this.#under.guest.control
      .request('write', { path: '/sys/kernel/debug/clear_warn_once', data: '1' }, { timeoutMs: 3000 })
      .catch(() => {});
  }

  async #noteDetectors(): Promise<void> {
    if (this.#ports.signal.aborted) return;
    const detectors = await this.#under.detectors().catch(() => undefined);
    if (detectors === undefined) return;
    const named = (state: string) => DETECTORS.filter((name) => detectors.of[name].state === state);
    const why = Object.fromEntries(named('disarmed').map((name) => [name, detectors.of[name].why]));
    this.#ports.note({
      record: 'guest',
      kind: 'detectors',
      detail: {
        armed: named('armed'),
        disarmed: named('disarmed'),
        taint: detectors.taint,
        ...(named('disarmed').length > 0 && { why }),
      },
    });
  }
}
