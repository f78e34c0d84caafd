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
import type { Outcome } from '../recovery/execute.ts';
import { CaptureWriter } from '../source/capture-writer.ts';
import type { Detector } from './detectors.ts';
import { EvidenceKeeper } from './evidence.ts';
import type { GuestUnderTest } from './guest-under-test.ts';
import { createHostReader } from './host-stream.ts';
import { IncidentRecovery, type Isolated } from './incident-recovery.ts';
import { OpenIncident } from './open-incident.ts';
import { Pipeline } from './pipeline.ts';
import { SilenceWatch } from './silence-watch.ts';

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
const TICK_MS = 100;
/** Closed incidents that a caller may still ask for. */
const MAX_CLOSED = 64;

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
  #lastCause: Finding | undefined;
  #under: GuestUnderTest | undefined;
  readonly #stop = new AbortController();
  readonly #signal: AbortSignal;
  readonly #changed = new EventTarget();
  /** Of a guest that is watched over. */
  #recovery: IncidentRecovery | undefined;
  #silence: SilenceWatch | undefined;
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
      void this.#silence?.look();
    }, TICK_MS);
  }

  /** Bytes of the guest, as they come. */
  feed(stream: Stream, bytes: Uint8Array): void {
    const chunk = { stream, observed: this.clock.now(), bytes };
    if (stream === 'console') this.#silence?.heard(chunk.observed);
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
    const { captureDir, vmlinux, maxDumps = 2, matcher, statistics, warn, silenceMs = HANG_MS } = this.#options;
    const note = (record: HostRecord) => this.note(record);
    const evidence = new EvidenceKeeper({
      ...(captureDir !== undefined && { dir: captureDir }),
      ...(vmlinux !== undefined && { vmlinux }),
      ...{ kernel: under.kernel, maxDumps, note },
    });
    const recovery = new IncidentRecovery(under, {
      ...{ matcher, evidence, clock: this.clock, signal: this.#signal, note, warn },
      ...(statistics !== undefined && { statistics }),
      hear: (text) => this.feed('file', Buffer.from(text)),
    });
    this.#recovery = recovery;
    this.#silence = new SilenceWatch(guest, {
      ...{ clock: this.clock, silenceMs, periodMs: TICK_MS, note },
      busy: () => this.#busy || this.#signal.aborted,
    });
    let agent = guest.agent;
    const onNotice = guest.onNotice?.bind(guest) ?? guest.control.onNotice.bind(guest.control);
    this.#watchers.push(
      onNotice((notice) => {
        if (notice.event === 'hello') {
          const before = agent;
          agent = guest.agent;
          if (before !== undefined && before.bootId === agent?.bootId && before.pid !== agent?.pid)
            recovery.agentCameBack(before.pid);
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
    return this.#recovery?.isolated ?? [];
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

  /** What breaks is broken on purpose: it is mended, and does not count as a failure that comes back. */
  set deliberate(yes: boolean) {
    if (this.#recovery !== undefined) this.#recovery.deliberate = yes;
  }

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
    const recovery = this.#recovery;
    if (recovery === undefined) return;
    this.#attended += 1;
    this.#recovering = this.#recovering
      .then(() => this.#look(recovery, incident))
      .catch((error: unknown) => this.#options.warn(`recovery ended in an error: ${String(error)}`))
      .finally(() => {
        this.#attended -= 1;
      });
  }

  async #look(recovery: IncidentRecovery, incident: string): Promise<void> {
    const provoked = this.#open !== undefined && this.provoked.has(this.#open.cause.kind);
    const open = await this.#whole(incident);
    if (open === undefined) return;
    const { recover } = this.#options;
    if (recover !== true || provoked) {
      await recovery.leave(open, recover === 'plan');
      if (open.cause.kind === 'guest-exit') this.#giveUp();
      return;
    }
    let outcome: Outcome = 'not-recovered';
    try {
      outcome = await recovery.recover(open);
    } finally {
      if (outcome === 'not-recovered' && !this.#signal.aborted) this.#giveUp();
    }
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
