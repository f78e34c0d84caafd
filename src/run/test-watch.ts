import { atLeast } from '../model/classification.ts';
import { type Event, isFinding } from '../model/event.ts';
import type { IncidentEntry } from '../model/run-report.ts';
import type { FoundIn } from '../stress/judge.ts';
import type { StressTest } from '../stress/test.ts';
import { IncidentTimes } from './incident-times.ts';

/** Findings that are kept of a test, grave ones and others: a module may warn a thousand times a second, for hours. */
const MAX_FINDINGS = 1000;
/** A fault that floods the log means to have it lose lines. */
const FLOOD = 'console-flood';

/** What the events of a test come to, of any number of them. */
export class TestWatch {
  readonly #id: string;
  readonly #provoked: ReadonlySet<string>;
  readonly #floods: boolean;
  readonly #times = new IncidentTimes();
  readonly #grave: FoundIn[] = [];
  readonly #others: FoundIn[] = [];
  #dropped = 0;

  constructor(id: string, { body, provokes }: Pick<StressTest, 'body' | 'provokes'>) {
    this.#id = id;
    this.#provoked = new Set(provokes);
    this.#floods = 'fault' in body && body.fault === FLOOD;
  }

  /** False: it is a finding of another test, or of none. */
  event(event: Event): boolean {
    this.#times.event(event);
    if (event.event === 'gap' && event.kind === 'printk-dropped' && !this.#floods) this.#dropped += event.lost ?? 1;
    if (!isFinding(event) || !event.final) return true;
    if (event.test !== this.#id) return false;
    if (this.#provoked.has(event.kind)) return true;
    const { title, severity } = event;
    const list = atLeast(severity, 'major') ? this.#grave : this.#others;
    if (list.length < MAX_FINDINGS) list.push({ title, severity });
    return true;
  }

  /** Grave ones first. */
  get findings(): readonly FoundIn[] {
    return [...this.#grave, ...this.#others];
  }

  /** What was only looked at, as a provoked failure is, needed no recovery. */
  get incidents(): readonly IncidentEntry[] {
    return this.#times.incidents.filter(({ outcome }) => outcome !== 'not-attempted');
  }

  /** What of the kernel's log was not heard; `ended`: it was read to the end of the test. */
  unheard(ended: boolean): string[] {
    return [
      ...(ended ? [] : ['the log was not read to the end of the test']),
      ...(this.#dropped === 0 ? [] : [`${this.#dropped} messages of the log were lost`]),
    ];
  }
}
