import { BpftraceReader, type Message } from '../bpftrace-wrapper/index.ts';

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
    switch (message.kind) {
      case 'lost':
        this.#options.onLost(message.events);
        break;
      case 'map':
      case 'hist':
      case 'lhist':
      case 'stats':
        if (message.name !== ATTACHED_MAP) this.#options.onMetric(message.kind, message.name, plain(message.entries));
        break;
      case 'printf':
        this.#options.onMetric('printf', message.text.split(' ', 1)[0] ?? '', message.text.trimEnd());
        break;
      default:
        break;
    }
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
