import { setTimeout as sleep } from 'node:timers/promises';
import { type Clock, NS_PER_MS, startClock } from '../base/clock.ts';
import { toNdjson } from '../base/ndjson.ts';
import type { CaptureInfo } from '../model/capture.ts';
import type { Stream } from '../model/chunk.ts';
import { type Event, type EventOf, type Finding, isFinding } from '../model/event.ts';
import type { HostRecord } from '../model/host-record.ts';
import type { Matcher } from '../patterns/match.ts';
import { executeRecovery } from '../recovery/execute.ts';
import { planRecovery } from '../recovery/plan.ts';
import { CaptureWriter } from '../source/capture-writer.ts';
import type { GuestUnderTest } from './guest-under-test.ts';
import { Pipeline } from './pipeline.ts';
import { createRecoveryTarget } from './recovery-target.ts';

export interface SessionOptions {
  readonly info: Omit<CaptureInfo, 'startWall'>;
  readonly captureDir?: string;
  readonly matcher: Matcher;
  /** False: incidents are reported but nothing is done about them. */
  readonly recover: boolean;
  readonly onEvent: (event: Event) => void;
  readonly warn: (message: string) => void;
  readonly signal: AbortSignal;
}

/** How long a recovery waits for the report of its incident to be complete. */
const REPORT_WAIT_MS = 2500;
/** Silence of agent and console after which a guest counts as hung. */
const HANG_MS = 15_000;
const TICK_MS = 100;

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
  readonly #watchers: (() => void)[] = [];
  /** Incidents that are over, with the number of the event that opened each. */
  readonly #closed: { readonly opened: number; readonly incident: EventOf<'incident'> }[] = [];
  readonly #finals = new Set<string>();
  #open: { incident: EventOf<'incident'>; cause: Finding } | undefined;
  /** Letters of all its reports: a WARNING may be followed by an oops. */
  readonly #taint = new Set<string>();
  #recovering: Promise<void> = Promise.resolve();
  #busy = false;
  #lastConsole = 0;
  #lastCause: Finding | undefined;
  #under: GuestUnderTest | undefined;
  readonly #changed = new EventTarget();

  constructor(options: SessionOptions) {
    this.#options = options;
    this.clock = startClock();
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
      sink: (event) => this.#event(event),
      warn: options.warn,
    });
    this.#ticker = setInterval(() => {
      this.#pipeline.advance(this.clock.now());
      this.#watchForHang();
    }, TICK_MS);
  }

  /** Bytes of the guest, as they come. */
  feed(stream: Stream, bytes: Uint8Array): void {
    const chunk = { stream, observed: this.clock.now(), bytes };
    if (stream === 'console') this.#lastConsole = chunk.observed;
    this.#capture?.chunk(chunk);
    this.#pipeline.push(chunk);
  }

  note(record: HostRecord): void {
    this.feed('host', Buffer.from(toNdjson(record)));
  }

  /** From now on incidents are recovered and silence is noticed. */
  watch(under: GuestUnderTest): void {
    this.#under = under;
    const { guest } = under;
    this.#watchers.push(
      guest.control.onNotice((notice) => {
        const status = under.loadEnded(notice);
        if (status !== undefined) this.note({ record: 'guest', kind: 'load', detail: { state: 'ended', status } });
      }),
    );
    guest.exited.then((exit) => {
      if (!exit.expected)
        this.note({
          record: 'guest',
          kind: 'exit',
          detail: { code: exit.code, signal: exit.signal, reason: exit.reason },
        });
    });
  }

  /** The first incident that opens after event `seq`, once it is closed; undefined when none did within the time. */
  async incidentAfter(seq: number, timeoutMs: number, signal: AbortSignal): Promise<EventOf<'incident'> | undefined> {
    const end = performance.now() + timeoutMs;
    for (;;) {
      for (const { opened, incident } of this.#closed) if (opened > seq) return incident;
      const left = end - performance.now();
      if (signal.aborted || (left <= 0 && !this.#busy)) return undefined;
      await this.#change(Math.max(left, 200));
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

  /** Resolves when no recovery is under way. */
  async idle(): Promise<void> {
    await this.#recovering;
  }

  /** Number of the last event. */
  lastSeq = -1;

  async close(): Promise<void> {
    clearInterval(this.#ticker);
    await this.#recovering;
    for (const stop of this.#watchers) stop();
    // A replay has no clock: this record tells it when the run was over.
    this.note({ record: 'guest', kind: 'note', detail: { run: 'end' } });
    this.#pipeline.end();
    this.#capture?.close();
  }

  #event(event: Event): void {
    this.lastSeq = event.seq;
    this.#capture?.event(event);
    if (event.event === 'gap') this.counts.gaps += 1;
    if (isFinding(event)) {
      this.#lastCause = event;
      if (event.final) {
        this.counts.findings += 1;
        this.#finals.add(event.id);
      }
      if (this.#open?.cause.id === event.id) this.#open.cause = event;
      for (const letter of event.context.taint ?? '') this.#taint.add(letter);
    }
    this.#options.onEvent(event);
    if (event.event === 'incident') this.#incident(event);
    this.#changed.dispatchEvent(new globalThis.Event('change'));
  }

  #incident(event: EventOf<'incident'>): void {
    if (event.kind === 'opened') {
      this.counts.incidents += 1;
      if (this.#lastCause !== undefined) this.#open = { incident: event, cause: this.#lastCause };
      if (this.#options.recover && this.#under !== undefined) {
        const under = this.#under;
        this.#recovering = this.#recovering
          .then(() => this.#recover(under, event.incident ?? ''))
          .catch((error: unknown) => {
            this.#options.warn(`recovery ended in an error: ${String(error)}`);
          });
      }
    } else if (event.kind === 'closed') {
      if (event.outcome === 'recovered') this.counts.recovered += 1;
      else if (event.outcome === 'not-recovered') this.counts.notRecovered += 1;
      this.#closed.push({ opened: this.#open?.incident.seq ?? event.seq, incident: event });
      this.#open = undefined;
      this.#taint.clear();
    }
  }

  async #recover(under: GuestUnderTest, incident: string): Promise<void> {
    this.#busy = true;
    try {
      await this.#untilFinal(incident);
      const open = this.#open;
      if (open === undefined || open.incident.incident !== incident) return;
      const { cause } = open;
      const [best] = cause.matches;
      if (best === undefined) return;
      const alive = !cause.panicked && cause.kind !== 'guest-exit' && best.classification !== 'kernel-panic';
      const plan = planRecovery({
        classification: best.classification,
        severity: best.severity,
        kind: cause.kind,
        actions: this.#options.matcher.pattern(best.pattern)?.actions ?? best.actions,
        facts: {
          guestAlive: alive,
          agentAnswers: alive && (await answers(under)),
          snapshotAvailable: under.snapshotAvailable,
          moduleLoaded: under.moduleLoaded,
          taint: [...this.#taint].join(''),
          attempts: {},
        },
      });
      const outcome = await executeRecovery(plan, createRecoveryTarget(under), {
        signal: this.#options.signal,
        record: ({ checks, ...record }) => this.note({ record: 'recovery', incident, ...record, checks: [...checks] }),
      });
      // What fires once would hide the next crash.
      if (outcome === 'recovered')
        await under.guest.control.request('write', { path: '/sys/kernel/debug/clear_warn_once', data: '1' });
      this.note({ record: 'incident-closed', incident, outcome });
    } finally {
      this.#busy = false;
    }
  }

  /** The cause's report is complete, or has had its time; a hung guest may never end it. */
  async #untilFinal(incident: string): Promise<void> {
    const end = performance.now() + REPORT_WAIT_MS;
    for (;;) {
      const open = this.#open;
      if (open === undefined || open.incident.incident !== incident || this.#finals.has(open.cause.id)) return;
      const left = end - performance.now();
      if (left <= 0) return;
      await this.#change(left);
    }
  }

  /** Neither heartbeat nor console output: told apart from a slow guest by one last question. */
  #watchForHang(): void {
    const under = this.#under;
    if (under === undefined || this.#busy || this.#open !== undefined) return;
    const heard = under.guest.control.lastSeen;
    if (heard === 0) return;
    const silence = Number(process.hrtime.bigint()) - heard;
    const quiet = this.clock.now() - this.#lastConsole;
    if (silence < HANG_MS * NS_PER_MS || quiet < HANG_MS * NS_PER_MS) return;
    this.note({ record: 'guest', kind: 'hang', detail: { silentMs: Math.round(silence / NS_PER_MS) } });
  }

  /** Until the next event, at most `ms`. */
  #change(ms: number): Promise<unknown> {
    const done = new AbortController();
    const event = new Promise((resolve) => {
      this.#changed.addEventListener('change', resolve, { once: true, signal: done.signal });
    });
    return Promise.race([event, sleep(ms, undefined, { signal: done.signal }).catch(() => {})]).finally(() =>
      done.abort(),
    );
  }
}

async function answers(under: GuestUnderTest): Promise<boolean> {
  try {
    return (await under.guest.control.request('ping', {}, { timeoutMs: 3000 })).status === 0;
  } catch {
    return false;
  }
}
