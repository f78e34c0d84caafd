import table from './calibration.json' with { type: 'json' };
import { lookUp } from './calibration.ts';

/** Most that is said of a report that came cut or mixed: too few of them are labelled to say more. */
const CORRUPTED = 0.8;

/**
 * How often a match as specific as this one was right, on logs of which it is known what had happened. `patterns stats
 * --calibrate` counts and writes the table (docs/pattern-engine.md says on what); here it is looked up.
 */
export function confidenceOf(weight: number, corrupted: boolean): number {
  const confidence = lookUp(table.patterns, weight) ?? 0.5;
  return corrupted ? Math.min(confidence, lookUp(table.corrupted, weight) ?? CORRUPTED) : confidence;
}

/** The probability that what the nearest known crashes say is right. */
export function probabilityOf(score: number): number {
  return lookUp(table.neighbours, score) ?? 0.5;
}
