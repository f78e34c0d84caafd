import { formatBytes } from '../base/text.ts';
import type { ParityMetric, ParityOperation } from '../model/comparison.ts';

export const VERDICT_WORDS = {
  same: '~',
  better: 'better',
  worse: 'worse',
  unknown: 'too few values',
} as const satisfies Record<ParityMetric['verdict'], string>;

/** What an operation of two targets came to. */
export function operationWords({ same, differs }: ParityOperation): string {
  if (same) return 'same';
  return differs.length === 0 ? 'in one of them only' : `differs in ${differs.join(', ')}`;
}

/** `4.93µs`, `12.3ms`, `66.7k/s`: four digits that count. */
export function amount(value: number, unit: string): string {
  if (unit === 'B') return formatBytes(Math.round(value));
  if (unit === 'µs' && value >= 1000) return amount(value / 1000, 'ms');
  if (unit === 'ms' && value >= 1000) return amount(value / 1000, 's');
  if (unit.startsWith('/') && value >= 10_000) return `${digits(value / 1000)}k${unit}`;
  return `${digits(value)}${unit}`;
}

function digits(value: number): string {
  if (!Number.isFinite(value)) return '?';
  const places = value >= 1000 ? 0 : value >= 100 ? 1 : value >= 10 ? 2 : 3;
  return value.toFixed(places);
}

/** `5.1%`; null is what nobody knows. */
export function percent(value: number | null): string {
  return value === null || !Number.isFinite(value) ? '?' : `${(value * 100).toFixed(1)}%`;
}

/** `+5.1%`; a change from nothing is `+∞`. */
export function signedPercent(value: number): string {
  if (!Number.isFinite(value)) return value > 0 ? '+∞' : '?';
  return `${value < 0 ? '−' : '+'}${(Math.abs(value) * 100).toFixed(1)}%`;
}

export function ratio(value: number | null): string {
  return value === null || !Number.isFinite(value) ? '?' : value.toFixed(2);
}

export function probability(p: number): string {
  return p < 0.0005 ? '0.000' : p.toFixed(3);
}
