/**
 * Chance that a standard normal value is above z, for z from 0 up: by its series near zero, by its continued fraction farther out
 * (Abramowitz and Stegun, 26.2.11 and 26.2.14). Right to about 12 digits.
 */
export function upperTail(z: number): number {
  if (z > 38) return 0;
  const density = Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI);
  if (z < 3) {
    let term = z;
    let sum = z;
    for (let k = 3; Math.abs(term) > 1e-17 && k < 400; k += 2) {
      term *= (z * z) / k;
      sum += term;
    }
    return 0.5 - density * sum;
  }
  let fraction = z;
  for (let k = 120; k >= 1; k--) fraction = z + k / fraction;
  return density / fraction;
}
