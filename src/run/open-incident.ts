import { atLeast } from '../model/classification.ts';
import type { EventOf, Finding } from '../model/event.ts';
import { severedBy } from '../recovery/refuse.ts';

/** An incident that waits for its recovery: what all of its findings together say about how bad it is. */
export class OpenIncident {
  readonly id: string;
  /** Number of the event that opened it. */
  readonly opened: number;
  cause: Finding;
  /** Members when a health check was last good. */
  sizeWhenVerified = 0;
  readonly #members = new Set<string>();
  readonly #grave = new Set<string>();
  readonly #incomplete = new Set<string>();
  readonly #kinds = new Set<string>();
  readonly #taint = new Set<string>();
  #dead = false;

  /** Host nanoseconds of its opening, and how long guests had booted by then. */
  readonly openedAt: number;
  readonly bootMsBefore: number;
  #spokenOnConsole = false;

  constructor(opened: EventOf<'incident'>, cause: Finding, openedAt: number, bootMsBefore: number) {
    this.openedAt = openedAt;
    this.bootMsBefore = bootMsBefore;
    this.id = opened.incident ?? '';
    this.opened = opened.seq;
    this.cause = cause;
    this.add(cause);
  }

  add(finding: Finding): void {
    if (finding.id === this.cause.id) this.cause = finding;
    this.#members.add(finding.id);
    if (atLeast(finding.severity, 'major')) this.#grave.add(finding.id);
    this.#kinds.add(finding.kind);
    this.#spokenOnConsole ||= finding.source.stream === 'console';
    if (finding.final) this.#incomplete.delete(finding.id);
    else this.#incomplete.add(finding.id);
    for (const letter of finding.context.taint ?? '') this.#taint.add(letter);
    const classification = finding.matches[0]?.classification;
    this.#dead ||= finding.panicked || finding.kind === 'guest-exit' || classification === 'kernel-panic';
  }

  get size(): number {
    return this.#members.size;
  }

  /** Members that a healthy guest does not have; a starved emulator makes any operation slow. */
  get graveSize(): number {
    return this.#grave.size;
  }

  /** All reports have been read to their end. */
  get whole(): boolean {
    return this.#incomplete.size === 0;
  }

  /** The machine has stopped, whatever began it. */
  get dead(): boolean {
    return this.#dead;
  }

  /** The kernel told of it on its console. */
  get spokenOnConsole(): boolean {
    return this.#spokenOnConsole;
  }

  get taint(): string {
    return [...this.#taint].join('');
  }

  /** A WARNING may be followed by an oops, and then nothing can be mended in place. */
  get worstKind(): string {
    return [...this.#kinds].find((kind) => severedBy(kind, '') !== undefined) ?? this.cause.kind;
  }
}
