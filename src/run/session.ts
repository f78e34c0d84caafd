import { setTimeout as sleep } from 'node:timers/promises';
import { onAbort } from '../base/abort.ts';
import { type Clock, NS_PER_MS, startClock } from '../base/clock.ts';
import { toNdjson } from '../base/ndjson.ts';
import type { CaptureInfo } from '../model/capture.ts';
import type { Stream } from '../model/chunk.ts';
import { type Event, type EventOf, type Finding, isFinding } from '../model/event.ts';
import type { HostRecord } from '../model/host-record.ts';
import type { TestMarker } from '../model/test-marker.ts';
import type { Matcher } from '../patterns/match.ts';
import { executeRecovery, type Outcome } from '../recovery/execute.ts';
import { type Plan, planRecovery } from '../recovery/plan.ts';
import { CaptureWriter } from '../source/capture-writer.ts';
import { DETECTORS, type Detector } from './detectors.ts';
import { EvidenceKeeper } from './evidence.ts';
import type { GuestUnderTest } from './guest-under-test.ts';
import { createHostReader } from './host-stream.ts';
import { OpenIncident } from './open-incident.ts';
import { Pipeline } from './pipeline.ts';
import { addAttempt, readFigures } from './recovery-statistics.ts';
import { createRecoveryTarget } from './recovery-target.ts';
import { answers, judgeSilence, observeSilence, type SilenceCause } from './silence.ts';

export interface SessionOptions {
  readonly info: Omit<CaptureInfo, 'startWall'>;
  readonly captureDir?: string;
  readonly matcher: Matcher;
  /** False: incidents are reported but nothing is done about them; `plan`: what would be done is told. */
  readonly recover: boolean | 'plan';
  /** File of what recoveries came to, of all runs: read by the planner, added to. */
  readonly statistics?: string;
  /** Silence after which a guest is looked at from outside; 15 s when absent. */
  readonly silenceMs?: number;
  /** Dumps of a guest's memory in the run; 2 when absent. */
  readonly maxDumps?: number;
  /** The kernel with its symbols, for who opens a dump. */
  readonly vmlinux?: string;
  readonly onEvent: (event: Event) => void;
  readonly warn: (message: string) => void;
  /** The guest's log has come to where a test begins or ends. */
  readonly onMarker?: (marker: TestMarker) => void;
  readonly signal: AbortSignal;
}

/** How long a recovery waits for the report of its incident to be complete. */
const REPORT_WAIT_MS = 2500;
/** Silence of agent and console after which a guest is looked at from outside; twice as long while its console speaks. */
const HANG_MS = 15_000;
/** How often a guest that is only slow is waited for again. */
const MAX_PATIENCE = 4;
const TICK_MS = 100;
/** How often a guest may break again in the recovery of one incident. */
const MAX_ROUNDS = 3;
/** Closed incidents that a caller may still ask for. */
const MAX_CLOSED = 64;

/** A failure that came back and back, with the test during which it did. */
export interface Isolated {
  readonly title: string;
  readonly fingerprint: string;
  readonly incident: string;
  readonly test?: string;
}

export interface SessionCounts {
  findings: number;
  incidents: number;
  recovered: number;
  notRecovered: number;
  gaps: number;
}

/**
 * A run on a live guest: feeds its bytes through the pipeline, records them, and has incidents recovered one after the
 * other. What it does itself goes into the `host` stream, so that the capture explains itself.
 */
export class Session {
  readonly clock: Clock;
  readonly counts: SessionCounts = { findings: 0, incidents: 0, recovered: 0, notRecovered: 0, gaps: 0 };
  readonly #options: SessionOptions;
  readonly #pipeline: Pipeline;
  readonly #capture: CaptureWriter | undefined;
  readonly #ticker: NodeJS.Timeout;
  #alarm: { readonly due: number; readonly timer: NodeJS.Timeout } | undefined;
  readonly #watchers: (() => void)[] = [];
  /** Incidents that are over, with the number of the event that opened each. */
  readonly #closed: { readonly opened: number; readonly incident: EventOf<'incident'> }[] = [];
  #open: OpenIncident | undefined;
  #recovering: Promise<void> = Promise.resolve();
  /** Incidents that are attended to or wait for it: one may open while the detectors are read behind the last one's end. */
  #attended = 0;
  #lastConsole = 0;
  #lastCause: Finding | undefined;
  #under: GuestUnderTest | undefined;
  readonly #stop = new AbortController();
  readonly #signal: AbortSignal;
  readonly #changed = new EventTarget();
  #hung = false;
  /** Of a slow guest more silence is borne. */
  #patience = 1;
  #lastTick = 0;
  #evidence: EvidenceKeeper | undefined;
  /** How often a failure was recovered, by its fingerprint. */
  readonly #recovered = new Map<string, number>();
  readonly #isolated: Isolated[] = [];
  #agentRestarted = false;
  #giveUp!: () => void;
  /** Resolves when the guest is gone, or broken, and nothing will bring it back. */
  readonly lost: Promise<void>;

  constructor(options: SessionOptions) {
    this.#options = options;
    this.clock = startClock();
    this.#signal = AbortSignal.any([options.signal, this.#stop.signal]);
    this.lost = new Promise((resolve) => {
      this.#giveUp = resolve;
    });
    const info: CaptureInfo = { ...options.info, startWall: this.clock.startWall };
    this.#capture =
      options.captureDir === undefined ? undefined : new CaptureWriter(options.captureDir, info, options.warn);
    this.#pipeline = new Pipeline({
      run: info.run,
      startWall: info.startWall,
      guest: info.guest ?? 'guest',
      live: true,
      ...(info.slowOperationMs !== undefined && { slowOperationMs: info.slowOperationMs }),
      matcher: options.matcher,
      hostReader: createHostReader,
      ...(options.onMarker !== undefined && { onMarker: options.onMarker }),
      sink: (event) => this.#event(event),
      warn: options.warn,
    });
    this.#ticker = setInterval(() => {
      this.#pipeline.advance(this.clock.now());
      void this.#watchForHang();
    }, TICK_MS);
  }

  /** Bytes of the guest, as they come. */
  feed(stream: Stream, bytes: Uint8Array): void {
    const chunk = { stream, observed: this.clock.now(), bytes };
    if (stream === 'console') this.#lastConsole = chunk.observed;
    this.#capture?.chunk(chunk);
    this.#pipeline.push(chunk);
    this.#arm();
  }

  note(record: HostRecord): void {
    this.feed('host', Buffer.from(toNdjson(record)));
  }

  /** From now on incidents are recovered and silence is noticed. */
  watch(under: GuestUnderTest): void {
    this.#under = under;
    const { guest } = under;
    const { captureDir, vmlinux, maxDumps = 2 } = this.#options;
    this.#evidence = new EvidenceKeeper({
      ...(captureDir !== undefined && { dir: captureDir }),
      ...(vmlinux !== undefined && { vmlinux }),
      ...{ kernel: under.kernel, maxDumps },
      note: (record) => this.note(record),
    });
    let agent = guest.agent;
    const onNotice = guest.onNotice?.bind(guest) ?? guest.control.onNotice.bind(guest.control);
    this.#watchers.push(
      onNotice((notice) => {
        if (notice.event === 'hello') {
          const before = agent;
          agent = guest.agent;
          if (before !== undefined && before.bootId === agent?.bootId && before.pid !== agent?.pid)
            this.#agentCameBack(under, before.pid);
        }
        const status = under.loadEnded(notice);
        if (status !== undefined) this.note({ record: 'guest', kind: 'load', detail: { state: 'ended', status } });
        // Without it nothing is found in traces, which must not look like a clean run.
        if (notice.event === 'exit' && notice.name === 'ftrace' && notice.status !== 0)
          this.#options.warn(`the guest's trace ended: ${String(notice.error ?? notice.stderr ?? notice.status)}`);
      }),
    );
    const off = guest.onExit?.(({ code, signal, reason }) => {
      this.note({ record: 'guest', kind: 'exit', detail: { code, signal, reason } });
    });
    if (off !== undefined) this.#watchers.push(off);
    // What was found while the guest was being prepared waits for somebody to look after it.
    if (this.#open !== undefined) this.#attend(this.#open.id);
  }

  /** The first incident that opens after event `seq`, once it is closed; undefined when none did within the time. */
  async incidentAfter(seq: number, timeoutMs: number, signal: AbortSignal): Promise<EventOf<'incident'> | undefined> {
    const end = performance.now() + timeoutMs;
    for (;;) {
      for (const { opened, incident } of this.#closed) if (opened > seq) return incident;
      const left = end - performance.now();
      if (signal.aborted || (left <= 0 && !this.#busy)) return undefined;
      await this.#change(Math.max(left, 200), signal);
    }
  }

  /** What a person wants to see at a glance. */
  status(): { uptimeMs: number; events: number; lines: number; lost: number; state: string } {
    return {
      uptimeMs: this.clock.now() / NS_PER_MS,
      events: this.lastSeq + 1,
      lines: this.#pipeline.lines,
      lost: this.counts.gaps,
      state: this.#busy ? 'recovering' : this.#under?.loadRunning ? 'under load' : 'watching',
    };
  }

  /** All of the run so far is in its capture. */
  get recorded(): boolean {
    return this.#capture?.whole === true;
  }

  /** Resolves when no recovery is under way. */
  async idle(): Promise<void> {
    await this.#recovering;
  }

  /** Failures that came back so often that what causes them is to be left out from here on. */
  get isolated(): readonly Isolated[] {
    return this.#isolated;
  }

  /**
   * Restores the snapshot when one of these detectors is in the kernel and would no longer speak. True when all of them are armed
   * now: a test whose verdict rests on one that is not has said nothing.
   */
  async restoreFor(needed: readonly Detector[]): Promise<boolean> {
    const under = this.#under;
    if (under === undefined) return false;
    let armed = false;
    const look = async () => {
      const { of } = await under.detectors();
      armed = needed.every((name) => of[name].state === 'armed');
      return needed.some((name) => of[name].state === 'disarmed');
    };
    await this.undisturbed(async () => {
      if (!(await look()) || !under.snapshotAvailable) return;
      const loaded = under.loadRunning;
      await under.restore();
      if (loaded) await under.startLoad();
      await look();
    });
    return armed;
  }

  /** Does something to the guest that no recovery may come between. False when it was not done: something is broken, or the run is over. */
  undisturbed(work: () => Promise<void>): Promise<boolean> {
    const turn = this.#recovering.then(async () => {
      if (this.#open !== undefined || this.#signal.aborted) return false;
      await work();
      return true;
    });
    this.#recovering = turn.then(
      () => {},
      () => {},
    );
    return turn;
  }

  /** Something is done about an incident. */
  get #busy(): boolean {
    return this.#attended > 0;
  }

  /** Number of the last event. */
  lastSeq = -1;

  /** Kinds of findings that what goes on in the guest brings about on purpose: nothing is done about them. */
  provoked: ReadonlySet<string> = new Set();

  /** No more recoveries; one that is under way is given up. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#recovering;
  }

  async close(): Promise<void> {
    clearInterval(this.#ticker);
    await this.stop();
    for (const stop of this.#watchers) stop();
    // A replay has no clock: this record tells it when the run was over.
    this.note({ record: 'guest', kind: 'note', detail: { run: 'end' } });
    this.#pipeline.end();
    clearTimeout(this.#alarm?.timer);
    this.#capture?.close();
  }

  #event(event: Event): void {
    this.lastSeq = event.seq;
    this.#capture?.event(event);
    if (event.event === 'gap') this.counts.gaps += 1;
    if (isFinding(event)) {
      this.#lastCause = event;
      if (event.final) this.counts.findings += 1;
      if (event.incident === this.#open?.id) this.#open?.add(event);
    }
    this.#options.onEvent(event);
    if (event.event === 'incident') this.#incident(event);
    this.#changed.dispatchEvent(new globalThis.Event('change'));
  }

  #incident(event: EventOf<'incident'>): void {
    if (event.kind === 'opened') {
      this.counts.incidents += 1;
      if (this.#lastCause !== undefined)
        this.#open = new OpenIncident(event, this.#lastCause, this.clock.now(), this.#under?.bootMs ?? 0);
      this.#attend(event.incident ?? '');
    } else if (event.kind === 'closed') {
      if (event.outcome === 'recovered') this.counts.recovered += 1;
      else if (event.outcome === 'not-recovered') this.counts.notRecovered += 1;
      this.#closed.push({ opened: this.#open?.opened ?? event.seq, incident: event });
      if (this.#closed.length > MAX_CLOSED) this.#closed.shift();
      this.#open = undefined;
    }
  }

  /** Has an incident recovered, one after the other, or closed when nothing is to be done. Without a guest of ours time closes it. */
  #attend(incident: string): void {
    const under = this.#under;
    if (under === undefined) return;
    this.#attended += 1;
    this.#recovering = this.#recovering
      .then(() => {
        const provoked = this.#open !== undefined && this.provoked.has(this.#open.cause.kind);
        return this.#options.recover === true && !provoked
          ? this.#recover(under, incident)
          : this.#leave(under, incident);
      })
      .catch((error: unknown) => this.#options.warn(`recovery ended in an error: ${String(error)}`))
      .finally(() => {
        this.#attended -= 1;
      });
  }

  async #leave(under: GuestUnderTest, incident: string): Promise<void> {
    const open = await this.#whole(incident);
    if (open === undefined) return;
    if (this.#options.recover === 'plan') this.#tell(open, (await this.#plan(under, open)).plan);
    this.note({ record: 'incident-closed', incident, outcome: 'not-attempted' });
    if (!open.dead && open.cause.source.stream !== 'host') await this.#noteDetectors(under);
    if (open.cause.kind === 'guest-exit') this.#giveUp();
  }

  async #recover(under: GuestUnderTest, incident: string): Promise<void> {
    let outcome: Outcome = 'not-recovered';
    const open = await this.#whole(incident);
    if (open === undefined) return;
    this.note({ record: 'recovery-started', incident });
    try {
      // A guest that breaks again while its load is started anew has not recovered.
      for (let round = 0; round < MAX_ROUNDS && !this.#signal.aborted; round++) {
        const members = open.size;
        outcome = await this.#climb(under, open);
        if (outcome !== 'recovered' || open.size === members || open.sizeWhenVerified === open.size) break;
      }
      // What fires once would hide the next crash.
      if (outcome === 'recovered') {
        await under.guest.control
          .request('write', { path: '/sys/kernel/debug/clear_warn_once', data: '1' }, { timeoutMs: 3000 })
          .catch(() => {});
      }
      if (outcome === 'recovered') {
        const { fingerprint } = open.cause;
        this.#recovered.set(fingerprint, (this.#recovered.get(fingerprint) ?? 0) + 1);
      }
    } finally {
      this.note({ record: 'incident-closed', incident, outcome, ...this.#timesOf(open, under) });
      if (outcome === 'recovered') await this.#noteDetectors(under);
      if (outcome === 'not-recovered' && !this.#signal.aborted) this.#giveUp();
    }
  }

  async #climb(under: GuestUnderTest, open: OpenIncident): Promise<Outcome> {
    const evidence = this.#evidence;
    const { plan, classification, agentAnswers } = await this.#plan(under, open);
    if (plan === undefined || classification === undefined || evidence === undefined) return 'not-attempted';
    const target = createRecoveryTarget(under, {
      ...{ evidence, agentAnswers },
      onLastWords: (text) => this.#hearLastWords(open, text),
      isolate: () => this.#isolate(open),
    });
    const health = async (signal: AbortSignal) => {
      const reports = open.graveSize;
      const { ok, checks } = await target.health(signal);
      const more = open.graveSize - reports;
      return more === 0 ? { ok, checks } : { ok: false, checks: [...checks, `new reports meanwhile: ${more}`] };
    };
    return executeRecovery(
      plan,
      { ...target, health },
      {
        signal: this.#signal,
        record: ({ checks, ...record }) => {
          if (record.verified) open.sizeWhenVerified = open.size;
          this.note({ record: 'recovery', incident: open.id, ...record, checks: [...checks] });
          const { statistics } = this.#options;
          if (statistics !== undefined && record.result !== 'skipped')
            addAttempt(statistics, { ...record, classification, kernel: under.kernel.name }, this.#options.warn);
        },
      },
    );
  }

  /** What would be done about an incident as it stands, and what that rests on. */
  async #plan(under: GuestUnderTest, open: OpenIncident) {
    const { cause } = open;
    const machine = await under.guest.state?.();
    const machineGone = machine?.status === 'no-answer';
    const guestAlive = !open.dead && !machineGone;
    const paused = machine?.status === 'paused';
    const agentAnswers = guestAlive && !paused && (await answers(under.guest));
    const [best] = cause.matches;
    if (best === undefined) return { agentAnswers };
    const { statistics } = this.#options;
    const noDump = this.#evidence?.noDump(under.guest, cause.fingerprint);
    const { noMoreMemory } = under;
    const plan = planRecovery({
      classification: best.classification,
      severity: best.severity,
      kind: open.worstKind,
      actions: this.#options.matcher.pattern(best.pattern)?.actions ?? best.actions,
      facts: {
        ...{ guestAlive, agentAnswers, paused, machineGone },
        agentRestarted: this.#agentRestarted,
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
      this.note({
        ...{ record: 'recovery', incident: open.id, action, result: 'skipped', verified: false, durationMs: 0 },
        ...{ reason: `${reason}: only planned`, checks: [] },
      });
  }

  #timesOf(open: OpenIncident, under: GuestUnderTest): { recoveryMs: number; beyondBootMs: number } {
    const recoveryMs = Math.round((this.clock.now() - open.openedAt) / NS_PER_MS);
    return { recoveryMs, beyondBootMs: Math.max(0, recoveryMs - Math.round(under.bootMs - open.bootMsBefore)) };
  }

  /** Of a guest that died without a word on its console they are all that tells why. */
  #hearLastWords(open: OpenIncident, text: string): void {
    const said = open.spokenOnConsole;
    this.note({ record: 'guest', kind: 'last-words', detail: { bytes: text.length, heard: !said } });
    if (!said) this.feed('file', Buffer.from(`${text}\n`));
  }

  #isolate({ cause, id }: OpenIncident): void {
    const { title, fingerprint, test } = cause;
    const isolated = { title, fingerprint, incident: id, ...(test !== undefined && { test }) };
    this.#isolated.push(isolated);
    this.note({ record: 'guest', kind: 'isolated', detail: isolated });
  }

  /** Its children are dead: the load, and what sent traces. */
  #agentCameBack(under: GuestUnderTest, pid: number): void {
    under.agentDied();
    this.#agentRestarted = true;
    this.note({ record: 'guest', kind: 'agent-dead', detail: { cause: 'agent-died', pid, restarted: true } });
  }

  async #noteDetectors(under: GuestUnderTest): Promise<void> {
    if (this.#signal.aborted) return;
    const detectors = await under.detectors().catch(() => undefined);
    if (detectors === undefined) return;
    const named = (state: string) => DETECTORS.filter((name) => detectors.of[name].state === state);
    const why = Object.fromEntries(named('disarmed').map((name) => [name, detectors.of[name].why]));
    this.note({
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

  /** The open incident once its reports are complete, or have had their time: a hung guest may never end one. */
  async #whole(incident: string): Promise<OpenIncident | undefined> {
    const end = performance.now() + REPORT_WAIT_MS;
    for (;;) {
      const open = this.#open;
      if (open?.id !== incident) return undefined;
      const left = end - performance.now();
      if (open.whole || left <= 0) return open;
      await this.#change(left);
    }
  }

  /** No heartbeat for long, and less patience when the console is silent, too: why, is asked from outside. */
  async #watchForHang(): Promise<void> {
    const now = this.clock.now();
    const stalled = now - this.#lastTick > 10 * TICK_MS * NS_PER_MS;
    this.#lastTick = now;
    const under = this.#under;
    // When it was us who stood still, what the guest said meanwhile has yet to be read.
    if (under === undefined || this.#busy || stalled) return;
    const { silenceMs = HANG_MS } = this.#options;
    const silentMs = Math.round((Number(process.hrtime.bigint()) - under.guest.control.lastSeen) / NS_PER_MS);
    if (silentMs < silenceMs) {
      this.#hung = false;
      this.#patience = 1;
    }
    const quiet = now - this.#lastConsole >= silenceMs * NS_PER_MS;
    if (this.#hung || silentMs < silenceMs * this.#patience * (quiet ? 1 : 2)) return;
    this.#hung = true;
    const observed = await observeSilence(under.guest);
    const cause = judgeSilence(observed);
    if (this.#busy || this.#signal.aborted) return;
    if (cause === 'slow' && this.#patience < MAX_PATIENCE) {
      this.#patience += 1;
      this.note({ record: 'guest', kind: 'slow', detail: { silentMs, starved: observed.starved } });
    }
    if (cause === 'answers' || (cause === 'slow' && this.#patience < MAX_PATIENCE)) this.#hung = false;
    else {
      const { machine, starved } = observed;
      const detail = { silentMs, cause, ...(starved !== undefined && { starved }), ...(machine && { machine }) };
      this.note({ record: 'guest', kind: KIND_OF_SILENCE[cause] ?? 'hang', detail });
    }
  }

  /** Wakes when something is due: the ticker alone would be late by up to its period. */
  #arm(): void {
    const { due } = this.#pipeline;
    // What was put off is looked at again when the alarm goes.
    if (due === undefined || (this.#alarm !== undefined && this.#alarm.due <= due)) return;
    clearTimeout(this.#alarm?.timer);
    const ms = Math.max(1, Math.ceil((due - this.clock.now()) / NS_PER_MS));
    const timer = setTimeout(() => {
      this.#alarm = undefined;
      this.#pipeline.advance(this.clock.now());
      this.#arm();
    }, ms);
    this.#alarm = { due, timer };
  }

  /** Until the next event, at most `ms`. */
  #change(ms: number, signal?: AbortSignal): Promise<unknown> {
    const done = new AbortController();
    const wake = () => done.abort();
    const off = onAbort(signal, wake);
    this.#changed.addEventListener('change', wake, { once: true });
    return sleep(ms, undefined, { signal: done.signal })
      .catch(() => {})
      .finally(() => {
        off();
        this.#changed.removeEventListener('change', wake);
      });
  }
}

/** What a silence is noted as; the rest are hangs. */
const KIND_OF_SILENCE: Readonly<Partial<Record<SilenceCause, 'frozen' | 'agent-dead'>>> = {
  frozen: 'frozen',
  'port-lost': 'agent-dead',
  'agent-dead': 'agent-dead',
  'agent-stuck': 'agent-dead',
};
