import { createHash } from 'node:crypto';

/** A stretch of a run (opentelemetry.io/docs/specs/otel/trace). Times are milliseconds since the epoch. */
export interface Span {
  /** 32 hexadecimal digits. */
  readonly trace: string;
  /** 16 hexadecimal digits. */
  readonly id: string;
  readonly parent?: string;
  readonly name: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly attributes: Readonly<Record<string, string | number | boolean>>;
  /** Absent: nobody judged it. */
  readonly ok?: boolean;
  /** Why it went wrong. */
  readonly message?: string;
}

/** The same of the same text, so that a replay names what it tells again as before. */
export function spanId(text: string): string {
  return digest(`span ${text}`).slice(0, 16);
}

export function traceId(run: string): string {
  return digest(`trace ${run}`).slice(0, 32);
}

const digest = (text: string) => createHash('sha256').update(text).digest('hex');
