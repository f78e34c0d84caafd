import type { Message } from '../bpftrace-wrapper/message.ts';
// Not all of it: what starts programs takes its time to load.
import { BpftraceReader } from '../bpftrace-wrapper/reader.ts';

/** A map of no meaning, by which a program shows that all its probes are attached (src/run/instruments.ts). */
export const ATTACHED_MAP = '@attached';

export interface ProbeStreamOptions {
  readonly onLost: (events: number) => void;
  readonly onMetric: (kind: string, name: string, values: unknown) => void;
}

/** Output of bpftrace to metrics and losses. */
export class ProbeStream {
  readonly #options: ProbeStreamOptions;
  #reader = new BpftraceReader({ mode: 'json' });

  constructor(options: ProbeStreamOptions) {
    this.#options = options;
  }

  push(bytes: Uint8Array): void {
    for (const message of this.#reader.push(bytes)) this.#message(message);
  }

  boundary(): void {
    this.#reader = new BpftraceReader({ mode: 'json' });
  }

  #message(message: Message): void {
    if (message.kind === 'lost') this.#options.onLost(message.events);
    const metric = metricOf(message);
    if (metric && metric.name !== ATTACHED_MAP) this.#options.onMetric(metric.kind, metric.name, metric.values);
  }
}

export interface ProbeMetric {
  readonly kind: string;
  readonly name: string;
  readonly values: unknown;
}

/** A map or a printed line as a metric; null for what is neither. */
export function metricOf(message: Message): ProbeMetric | null {
  switch (message.kind) {
    case 'map':
    case 'hist':
    case 'lhist':
    case 'stats':
      return { kind: message.kind, name: message.name, values: plain(message.entries) };
    case 'printf':
      return { kind: 'printf', name: message.text.split(' ', 1)[0] ?? '', values: message.text.trimEnd() };
    default:
      return null;
  }
}

/** JSON has no 64-bit integers: those that a double cannot hold become text. */
function plain(value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString();
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner)]));
  }
  return value;
}
