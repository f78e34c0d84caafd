import type { Capability } from '../model/capability.ts';
import type { Control } from '../model/guest.ts';
import type { Kind } from '../model/kinds.ts';
import type { Domain } from '../model/test-run.ts';
import type { Threshold } from '../model/thresholds.ts';

/** What a test finds the guest in: the load running, the module mounted and at rest, loaded only, or not even that. */
export type Stage = 'load' | 'mounted' | 'unmounted' | 'unloaded';

/** How much of it; what a level says of a test. */
export interface Settings {
  /** How long the test works at what it does. */
  readonly seconds: number;
  readonly workers: number;
  /** Repetitions, where a test counts them instead. */
  readonly cycles: number;
}

export interface ModuleFacts {
  readonly name: string;
  readonly fstype: string;
  /** Where its file is in the guest. */
  readonly file: string;
  readonly params: string;
  /** What it is mounted from; absent: `none`. */
  readonly device?: string;
}

/** What a scenario has to work with. Its own mounts and files lie below `scratch`, which is removed behind it. */
export interface Scene {
  readonly control: Control;
  readonly module: ModuleFacts;
  readonly mountPoint: string;
  readonly scratch: string;
  readonly settings: Settings;
  readonly seed: number;
  readonly limits: Readonly<Record<Threshold, number>>;
  readonly signal: AbortSignal;
  /** Keeps a figure, in milliseconds, bytes or a number a second, as its name says. */
  measure(name: string, value: number): void;
}

/** Works through something in the guest and says what was wrong, a line each; nothing when all was right. */
export type Scenario = (scene: Scene) => Promise<readonly string[]>;

/** Thrown by a scenario that cannot be played here. */
export class CannotRun extends Error {
  override readonly name = 'CannotRun';
}

export type Body =
  /** A program in the guest that says what it found in its last line (docs/stress.md) and by its exit status. */
  | {
      readonly kind: 'program';
      readonly argv: (settings: Settings, dir: string, seed: number) => readonly string[];
      /** It is not one of ours: only its exit status says something. */
      readonly foreign?: true;
    }
  | { readonly kind: 'scenario'; readonly play: Scenario }
  /** Something is broken on purpose: it has to be noticed, named and mended. */
  | { readonly kind: 'fault'; readonly fault: string; readonly expects: readonly string[] }
  /** Something makes work harder meanwhile: it may fail, and nothing may break. */
  | { readonly kind: 'endure'; readonly fault: string };

export interface StressTest {
  /** Lower case with dashes; it goes into the guest's log. */
  readonly name: string;
  readonly domain: Domain;
  readonly about: string;
  readonly stage: Stage;
  readonly needs: readonly Capability[];
  /** Tests that have to be over, and right, before this one makes sense. */
  readonly after: readonly string[];
  /** A load, which has nothing to judge by itself: without a finding it is DONE. */
  readonly load?: true;
  /** Kinds of findings that it brings about on purpose. */
  readonly provokes?: readonly Kind[];
  readonly body: Body;
}

/** What a program says of a check: exit status 4 and `cannot` when it cannot be run here. */
export interface Told {
  readonly wrong: readonly string[];
  readonly cannot?: string;
  /** It never came to work: it is not there, or was called in a way that it does not know. */
  readonly unusable?: string;
  readonly figures: Readonly<Record<string, unknown>>;
}
