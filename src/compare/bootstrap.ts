import { seeded } from '../base/random.ts';
import { medianOf } from './order.ts';

/**
 * 95 % interval of how many times the median of `before` that of `after` is: both are drawn again and again from what was measured
 * (percentile bootstrap, Efron 1979). The same seed gives the same interval. Medians of zero give NaN or infinity as they are.
 */
export function ratioInterval(
  before: readonly number[],
  after: readonly number[],
  seed: number,
  rounds: number,
): readonly [low: number, high: number] {
  const random = seeded(seed);
  const ratios = new Float64Array(rounds);
  const drawnBefore = new Float64Array(before.length);
  const drawnAfter = new Float64Array(after.length);
  for (let round = 0; round < rounds; round++)
    ratios[round] = drawnMedian(after, drawnAfter, random) / drawnMedian(before, drawnBefore, random);
  ratios.sort();
  return [ratios[Math.floor(rounds * 0.025)] as number, ratios[Math.ceil(rounds * 0.975) - 1] as number];
}

function drawnMedian(values: readonly number[], room: Float64Array, random: () => number): number {
  for (let i = 0; i < room.length; i++) room[i] = values[Math.floor(random() * values.length)] as number;
  return medianOf(room.sort());
}
