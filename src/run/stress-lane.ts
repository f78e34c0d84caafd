import { deferred } from '../base/deferred.ts';
import { ExpectedError, messageOf } from '../base/errors.ts';
import type { CapabilityTable } from '../model/capability.ts';
import { SEVERITIES } from '../model/classification.ts';
import { type Event, isFinding } from '../model/event.ts';
import { markerText, type TestMarker } from '../model/test-marker.ts';
import type { TestResult } from '../model/test-run.ts';
import { THRESHOLDS, type Threshold } from '../model/thresholds.ts';
import type { BodyEnd, FaultSeen, FoundIn } from '../stress/judge.ts';
import type { PlannedTest } from '../stress/plan.ts';
import type { Attempt, Lane } from '../stress/runner.ts';
import { type Body, CannotRun, type Scene, type StressTest } from '../stress/test.ts';
import { readForeign, readTold } from '../stress/told.ts';
import { type Attached, type AttachOptions, type AttachPorts, attach } from './attach.ts';
import { DETECTORS, type Detector } from './detectors.ts';
import { capabilitiesOf } from './inject.ts';
import { GUEST_PATHS } from './prepare.ts';
import { bringTo, SCRATCH } from './stress-stage.ts';
import { TestWatch } from './test-watch.ts';

export interface GuestLaneOptions {
  readonly name: string;
  /** What each guest of the lane is attached with; `captureDir` is that of the first. */
  readonly attach: AttachOptions;
  readonly ports: AttachPorts;
  /** Limits that are not as the table has them. */
  readonly thresholds: Readonly<Partial<Record<Threshold, number>>>;
  /** A finding that counts for no test: none was under way, or the one that it is of had its verdict already. */
  readonly onStray: (title: string) => void;
}

/** How long the guest may take to write a marker, and its log to come to it: a slow console may have much to say before. */
const MARKER_MS = 10_000;
const LOG_MS = 30_000;
/** Guests that are opened one after the other, when each is lost. */
const MAX_GUESTS = 10;

/** Among the markers: there will be no more of this guest. */
const LOST = 'lost';

type Figures = Record<string, unknown>;

/** A guest that tests are run in, one after the other; another in its place when it is lost. */
export class GuestLane implements Lane {
  readonly name: string;
  readonly #options: GuestLaneOptions;
  /** There once the lane is open. */
  #attached!: Attached;
  #capabilities!: CapabilityTable;
  #guests = 0;
  #watch: TestWatch | undefined;
  /** Detectors that were armed when the guest was new. */
  #armed: readonly Detector[] = [];
  /** A finding since then may have silenced one. */
  #suspect = false;
  readonly #markers = new EventTarget();
  lost = false;

  private constructor(options: GuestLaneOptions) {
    this.name = options.name;
    this.#options = options;
  }

  static async open(options: GuestLaneOptions): Promise<GuestLane> {
    const lane = new GuestLane(options);
    try {
      await lane.#open();
    } catch (error) {
      await lane.#attached?.close();
      throw error;
    }
    return lane;
  }

  get attached(): Attached {
    return this.#attached;
  }

  lacks({ needs }: StressTest): string | undefined {
    const missing = needs.find((need) => !this.#capabilities[need].has);
    return missing && this.#capabilities[missing].why;
  }

  async attempt(planned: PlannedTest, attempt: number, signal: AbortSignal): Promise<Attempt> {
    const { session } = this.#attached;
    const { test, id } = planned;
    const started = performance.now();
    const watch = new TestWatch(id, test);
    const figures: Figures = {};
    let body: BodyEnd;
    let fault: FaultSeen | undefined;
    let disarmed: readonly Detector[] = [];
    try {
      await session.idle();
      if (this.#suspect) disarmed = await this.#rearm();
      await bringTo(test.stage, this.#attached.under);
      session.provoked = new Set(test.provokes);
      session.deliberate = test.body.kind === 'fault';
      session.note({ record: 'test', kind: 'start', test: id, attempt, domain: test.domain, about: test.about });
      this.#watch = watch;
      await this.#mark({ test: id, begins: true });
      body = await this.#work(planned, figures, signal);
    } catch (error) {
      body = signal.aborted ? { end: 'interrupted' } : { end: 'broken', why: messageOf(error) };
    }
    this.#watch = watch;
    await session.idle();
    const ended = await this.#mark({ test: id, begins: false }).catch(() => false);
    // What the log said up to there may have begun another recovery.
    await session.idle();
    await this.#attached.shown();
    this.#watch = undefined;
    session.provoked = new Set();
    session.deliberate = false;
    const { findings, incidents } = watch;
    if (test.body.kind === 'fault') {
      const worst = incidents.find(({ outcome }) => outcome !== 'recovered') ?? incidents[0];
      if (worst !== undefined) fault = { ...worst, recoveryMs: Math.max(...incidents.map((one) => one.beyondBootMs)) };
    }
    this.#suspect = incidents.length > 0 || findings.length > 0;
    const guest = this.lost ? 'lost' : incidents.length > 0 ? 'recovered' : 'well';
    return {
      ...{ body, findings, guest, incidents, figures, disarmed, unheard: watch.unheard(ended) },
      ...(fault !== undefined && { fault }),
      titles: titlesOf(findings),
      cameBack: session.isolated.some((one) => one.test === id),
      durationMs: performance.now() - started,
    };
  }

  conclude({ id, test }: PlannedTest, attempt: number, result: TestResult, durationMs: number): void {
    const { session } = this.#attached;
    session.note({
      ...{ record: 'test', kind: 'end', test: id, attempt, domain: test.domain },
      ...result,
      durationMs: Math.round(durationMs),
    });
  }

  /**
   * Most detectors of the kernel speak once. Where one of those that were armed at the start is not any more, the snapshot is restored;
   * what even then stays silent is returned.
   */
  async #rearm(): Promise<readonly Detector[]> {
    const { session, under } = this.#attached;
    if (await session.restoreFor(this.#armed)) {
      this.#suspect = false;
      return [];
    }
    const { of } = await under.detectors();
    return this.#armed.filter((name) => of[name].state !== 'armed');
  }

  async renew(signal: AbortSignal): Promise<boolean> {
    await this.close();
    if (signal.aborted || this.#guests >= MAX_GUESTS) return false;
    try {
      await this.#open();
      return true;
    } catch (error) {
      if (!(error instanceof ExpectedError)) throw error;
      this.#options.ports.warn(`${this.name}: no other guest could be had: ${error.message}`);
      return false;
    }
  }

  async close(): Promise<void> {
    await this.#attached.close();
  }

  async #open(): Promise<void> {
    this.#guests += 1;
    const { attach: options, ports } = this.#options;
    const { captureDir } = options;
    const dir = captureDir !== undefined && this.#guests > 1 ? `${captureDir}.${this.#guests}` : captureDir;
    const attached = await attach(
      { ...options, ...(dir !== undefined && { captureDir: dir }) },
      {
        ...ports,
        onEvent: (event) => {
          this.#hear(event);
          ports.onEvent(event);
        },
        onMarker: (marker) => this.#markers.dispatchEvent(new globalThis.Event(markerText(marker))),
      },
    );
    this.#attached = attached;
    this.lost = false;
    void attached.session.lost.then(() => {
      if (this.#attached !== attached) return;
      this.lost = true;
      this.#markers.dispatchEvent(new globalThis.Event(LOST));
    });
    this.#capabilities = await capabilitiesOf(attached.under);
    const { of } = await attached.under.detectors();
    this.#armed = DETECTORS.filter((name) => of[name].state === 'armed');
    this.#suspect = false;
  }

  #hear(event: Event): void {
    const own = this.#watch === undefined ? !(isFinding(event) && event.final) : this.#watch.event(event);
    if (!own && isFinding(event)) this.#options.onStray(event.title);
  }

  /** Says in the guest's log where a test begins or ends; false when the log could not be read up to there. */
  async #mark(marker: TestMarker): Promise<boolean> {
    if (this.lost) return false;
    const { control } = this.#attached.under.guest;
    const text = markerText(marker);
    const seen = deferred<boolean>();
    const onSeen = () => seen.resolve(true);
    const onLost = () => seen.resolve(false);
    this.#markers.addEventListener(text, onSeen);
    this.#markers.addEventListener(LOST, onLost);
    let timer: NodeJS.Timeout | undefined;
    const request = { path: '/dev/kmsg', data: `${text}\n` };
    try {
      const answer = await control.request('write', request, { timeoutMs: MARKER_MS });
      if (answer.status !== 0) return false;
      timer = setTimeout(() => seen.resolve(false), LOG_MS);
      return await seen.promise;
    } finally {
      clearTimeout(timer);
      this.#markers.removeEventListener(text, onSeen);
      this.#markers.removeEventListener(LOST, onLost);
    }
  }

  async #work(planned: PlannedTest, figures: Figures, signal: AbortSignal): Promise<BodyEnd> {
    const { body } = planned.test;
    switch (body.kind) {
      case 'program':
        return this.#program(planned, body, figures, signal);
      case 'scenario':
        return this.#scenario(planned, body.play, figures, signal);
      case 'fault':
      case 'endure':
        return this.#inject(planned, body.fault, figures, signal);
    }
  }

  async #program(
    { limitMs, settings, seed }: PlannedTest,
    { argv: argvOf, foreign }: Extract<Body, { kind: 'program' }>,
    figures: Figures,
    signal: AbortSignal,
  ): Promise<BodyEnd> {
    const { control } = this.#attached.under.guest;
    const argv = argvOf(settings, GUEST_PATHS.mount, seed);
    const answer = await control.request('exec', { argv, maxOutput: 1 << 19 }, { timeoutMs: limitMs, signal });
    if (answer.status === -2) return { end: 'late', limitMs, stuck: answer.state === 'D' };
    const { wrong, cannot, unusable, figures: told } = foreign ? readForeign(answer) : readTold(answer);
    Object.assign(figures, told);
    if (unusable !== undefined) return { end: 'broken', why: unusable };
    if (cannot !== undefined) return { end: 'cannot', why: cannot };
    return wrong.length === 0 ? { end: 'right' } : { end: 'wrong', wrong };
  }

  async #scenario(
    { limitMs, settings, seed }: PlannedTest,
    play: (scene: Scene) => Promise<readonly string[]>,
    figures: Figures,
    signal: AbortSignal,
  ): Promise<BodyEnd> {
    const { guest, module } = this.#attached.under;
    const late = AbortSignal.timeout(limitMs);
    const { name, fstype, params, device } = module;
    const emulated = guest.machine?.accelerator === 'tcg';
    const limits = limitsFor(emulated, this.#options.thresholds);
    const scene: Scene = {
      control: guest.control,
      module: {
        ...{ name, fstype, params, file: `${GUEST_PATHS.module}/${name}.ko` },
        ...(device !== undefined && { device }),
      },
      ...{ mountPoint: GUEST_PATHS.mount, scratch: SCRATCH, settings, seed, limits },
      signal: AbortSignal.any([signal, late]),
      measure: (what, value) => {
        figures[what] = value;
      },
    };
    try {
      const wrong = await play(scene);
      return wrong.length === 0 ? { end: 'right' } : { end: 'wrong', wrong };
    } catch (error) {
      if (error instanceof CannotRun) return { end: 'cannot', why: error.message };
      if (late.aborted && !signal.aborted) return { end: 'late', limitMs, stuck: false };
      throw error;
    }
  }

  async #inject({ settings }: PlannedTest, spec: string, figures: Figures, signal: AbortSignal): Promise<BodyEnd> {
    const [result] = await this.#attached.inject([spec], settings.seconds);
    if (signal.aborted) return { end: 'interrupted' };
    if (result === undefined) return { end: 'broken', why: 'the fault was not put in' };
    figures.outcome = result.outcome;
    figures.detail = result.detail;
    if (result.outcome === 'skip') return { end: 'cannot', why: result.detail };
    if (result.outcome === 'not-reached') return { end: 'unmet', why: `it struck nothing: ${result.detail}` };
    return result.outcome === 'wrong-data' ? { end: 'wrong', wrong: [result.detail] } : { end: 'right' };
  }
}

/** Worst first. */
function titlesOf(findings: readonly FoundIn[]): string[] {
  const rank = ({ severity }: FoundIn) => SEVERITIES.indexOf(severity);
  return [...new Set(findings.toSorted((a, b) => rank(a) - rank(b)).map(({ title }) => title))];
}

/** Limits as the table has them, stretched where the CPU is emulated, and changed by who runs it. */
function limitsFor(
  emulated: boolean,
  changed: Readonly<Partial<Record<Threshold, number>>>,
): Readonly<Record<Threshold, number>> {
  const own = Object.entries(THRESHOLDS).map(([name, { limit }]) => {
    const stretch = emulated && name.endsWith('-average') ? EMULATED_STRETCH : 1;
    return [name, limit * stretch] as const;
  });
  return { ...(Object.fromEntries(own) as Record<Threshold, number>), ...changed };
}

/** An emulated CPU is about this much slower. Averages of a few milliseconds are the only limits so near to the work itself. */
const EMULATED_STRETCH = 10;
