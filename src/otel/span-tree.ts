import type { Event, EventOf } from '../model/event.ts';
import { type Span, spanId, traceId } from './span.ts';

/** Spans that are open; what is beyond is not told of. */
const MAX_OPEN = 1000;

type Open = Omit<Span, 'trace' | 'endMs'>;

/** Makes spans of events: the run, in it its tests, in them incidents, in them what was done about them. A span is given when it is over. */
export class SpanTree {
  readonly #name: string;
  readonly #tests = new Map<string, Open>();
  readonly #incidents = new Map<string, Open>();
  #run: { readonly id: string; readonly trace: string; readonly root: string; readonly startMs: number } | undefined;
  #now = 0;
  #failed = false;

  /** `name`: of the span of the whole run. */
  constructor(name: string) {
    this.#name = name;
  }

  /** Spans that are over with this event. */
  event(event: Event, lane = 'guest-1'): Span[] {
    const at = event.time.wall === undefined ? Number.NaN : Date.parse(event.time.wall);
    this.#now = Math.max(this.#now, Number.isNaN(at) ? 0 : at);
    if (this.#now === 0) return [];
    const id = event.run ?? '';
    this.#run ??= { id, trace: traceId(id), root: spanId(`${id} run`), startMs: this.#now };
    if (event.event === 'test') return this.#test(event, lane);
    if (event.event === 'incident') return this.#incident(event, lane);
    return event.event === 'recovery' ? this.#recovery(event, lane) : [];
  }

  /** The run is over: what is open, and the run itself. */
  end(): Span[] {
    const run = this.#run;
    if (run === undefined) return [];
    const open = [...this.#incidents.values(), ...this.#tests.values()];
    this.#incidents.clear();
    this.#tests.clear();
    const { root, startMs } = run;
    const attributes = { 'vexfs.run': run.id };
    return [
      ...open.map((span) => this.#ended(span, { attributes: { ...span.attributes, 'vexfs.unfinished': true } })),
      this.#ended({ id: root, name: this.#name, startMs, attributes }, { ok: !this.#failed }),
    ].reverse();
  }

  #test(event: EventOf<'test'>, lane: string): Span[] {
    const { kind, test = '', attempt = 1, domain, verdict, reason } = event;
    if (kind === 'start') {
      if (this.#tests.size >= MAX_OPEN) return [];
      const attributes = {
        'vexfs.test': test,
        'vexfs.attempt': attempt,
        'vexfs.guest': lane,
        ...(domain && { 'vexfs.domain': domain }),
      };
      this.#tests.set(lane, {
        ...{ id: spanId(`${event.run} test ${test} ${attempt}`), name: `test ${test}`, startMs: this.#now, attributes },
        ...(this.#run && { parent: this.#run.root }),
      });
      return [];
    }
    const open = this.#tests.get(lane);
    this.#tests.delete(lane);
    if (open === undefined) return [];
    const attributes = { ...open.attributes, ...(verdict && { 'vexfs.verdict': verdict }) };
    const ok = verdict === 'PASS' || verdict === 'DONE' ? true : verdict === 'SKIP' ? undefined : false;
    return [
      this.#ended(open, {
        attributes,
        ...(ok !== undefined && { ok }),
        ...(ok === false && reason && { message: reason }),
      }),
    ];
  }

  #incident(event: EventOf<'incident'>, lane: string): Span[] {
    const { kind, incident = '', title, classification, severity, outcome } = event;
    if (kind === 'opened') {
      if (this.#incidents.size >= MAX_OPEN) return [];
      const parent = this.#tests.get(lane)?.id ?? this.#run?.root;
      this.#incidents.set(incident, {
        ...{ id: spanId(`incident ${incident}`), name: `incident ${classification}`, startMs: this.#now },
        attributes: { 'vexfs.incident': incident, 'vexfs.guest': lane },
        ...(parent !== undefined && { parent }),
      });
    }
    const open = this.#incidents.get(incident);
    if (kind !== 'closed' || open === undefined) return [];
    this.#incidents.delete(incident);
    const attributes = {
      ...open.attributes,
      ...{
        'vexfs.title': title,
        'vexfs.classification': classification,
        'vexfs.severity': severity,
        'vexfs.outcome': outcome,
      },
    };
    const ok = outcome === 'recovered';
    return [this.#ended(open, { name: `incident ${classification}`, attributes, ok, ...(!ok && { message: title }) })];
  }

  #recovery(event: EventOf<'recovery'>, lane: string): Span[] {
    const { kind, result, verified, durationMs, reason, incident = '' } = event;
    if (result === 'skipped') return [];
    const parent = this.#incidents.get(incident)?.id ?? this.#run?.root;
    const open: Open = {
      ...{ id: spanId(`${event.run} recovery ${event.seq}`), name: `recover ${kind}`, startMs: this.#now - durationMs },
      attributes: { 'vexfs.action': kind, 'vexfs.verified': verified, 'vexfs.guest': lane },
      ...(parent !== undefined && { parent }),
    };
    const ok = result === 'ok';
    return [this.#ended(open, { ok, ...(!ok && { message: reason }) }, false)];
  }

  #ended(open: Open, how: Partial<Span>, counts = true): Span {
    if (counts && how.ok === false) this.#failed = true;
    return { trace: this.#run?.trace ?? '', endMs: this.#now, ...open, ...how };
  }
}
