/** What a comparison takes of one test of a run. Everything in it came from a file: names are any text, numbers any number. */
export interface MeasuredTest {
  /** With its round behind a dot when it is not the first. */
  readonly id: string;
  readonly verdict: string;
  readonly reason: string;
  readonly durationMs: number;
  /** Titles of what nobody put in. */
  readonly findings: readonly string[];
  readonly incidents: readonly { readonly classification: string; readonly beyondBootMs: number }[];
  /** As the test said them; their shapes are its own. */
  readonly figures: Readonly<Record<string, unknown>>;
}

/** A run as a comparison takes it: from the folder of the run, a baseline, or wherever runs are kept. */
export interface MeasuredRun {
  /** What to call it. */
  readonly name: string;
  readonly tool: string;
  /** ISO 8601. */
  readonly started: string;
  readonly command: readonly string[];
  readonly guests: readonly string[];
  /** What it ran on and with, by name; empty where nobody wrote it down. */
  readonly facts: ReadonlyMap<string, string>;
  readonly tests: readonly MeasuredTest[];
}

/** One side of a comparison: a run, or several of the same. */
export interface Side {
  readonly name: string;
  /** In the order of time; at least one. */
  readonly runs: readonly MeasuredRun[];
}
