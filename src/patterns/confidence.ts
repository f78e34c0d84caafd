import table from './calibration.json' with { type: 'json' };

/**
 * How often a match as specific as this one was right, on logs of which it is known what had happened. `patterns stats
 * --calibrate` counts and writes the table (docs/patterns-engine.md says on what); here it is looked up.
 */
export function confidenceOf(weight: number, corrupted: boolean): number {
  const rows = corrupted ? table.corrupted : table.whole;
  const row = rows.find(({ upTo }) => upTo === null || weight <= upTo);
  return row?.confidence ?? 0.5;
}
