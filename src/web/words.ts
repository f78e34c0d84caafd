import { escapeTerminal, formatBytes, formatMs } from '../base/text.ts';

export { formatBytes, formatMs };

const DIRECTIONS = /[\u061c\u200e\u200f\u2028\u2029]/g;

/** Anything as text that can be shown: control characters and marks of direction become visible. It goes into text nodes only. */
export function shown(value: unknown, max = 2000): string {
  const text = typeof value === 'string' ? value : value === null || value === undefined ? '' : JSON.stringify(value);
  const cut = text.length > max ? `${text.slice(0, max)}…` : text;
  return escapeTerminal(cut).replace(DIRECTIONS, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

export function count(value: number | null | undefined): string {
  return value === null || value === undefined ? '–' : value.toLocaleString('en');
}

/** `1 run`, `2 runs`. */
export function many(value: number, thing: string): string {
  return `${count(value)} ${thing}${value === 1 ? '' : 's'}`;
}

/** `12.3 s` since the start of a recording, as it stands before events. */
export function clock(seconds: number): string {
  const whole = Math.floor(seconds);
  const parts = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60].map((part) =>
    String(part).padStart(2, '0'),
  );
  return `${parts.join(':')}.${String(Math.floor((seconds - whole) * 1000)).padStart(3, '0')}`;
}

export function span(seconds: number): string {
  if (seconds < 7200) return formatMs(seconds * 1000);
  return `${Math.floor(seconds / 3600)} h ${Math.floor(seconds / 60) % 60} min`;
}

/** `2026-11-21 20:15` in the time of whoever looks. */
export function date(iso: string | null): string {
  const at = iso === null ? Number.NaN : Date.parse(iso);
  if (Number.isNaN(at)) return '–';
  const time = new Date(at);
  const two = (value: number) => String(value).padStart(2, '0');
  return `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())} ${two(time.getHours())}:${two(time.getMinutes())}`;
}

export function ago(iso: string | null): string {
  const at = iso === null ? Number.NaN : Date.parse(iso);
  if (Number.isNaN(at)) return '–';
  const seconds = Math.max(0, (Date.now() - at) / 1000);
  for (const [name, length] of UNITS) if (seconds >= length) return `${Math.floor(seconds / length)} ${name} ago`;
  return 'just now';
}

const UNITS = [
  ['d', 86_400],
  ['h', 3600],
  ['min', 60],
] as const;
