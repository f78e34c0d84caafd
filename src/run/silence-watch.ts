import { type Clock, NS_PER_MS } from '../base/clock.ts';
import type { ControlledGuest } from '../model/guest.ts';
import type { HostRecord } from '../model/host-record.ts';
import { judgeSilence, observeSilence, type SilenceCause } from './silence.ts';

export interface SilencePorts {
  readonly clock: Clock;
  /** Silence of agent and console after which a guest is looked at from outside; twice as long while its console speaks. */
  readonly silenceMs: number;
  /** How often `look` is called. */
  readonly periodMs: number;
  /** Somebody is at work on the guest, and its silence means nothing. */
  readonly busy: () => boolean;
  readonly note: (record: HostRecord) => void;
}

/** How often a guest that is only slow is waited for again. */
const MAX_PATIENCE = 4;

/** No heartbeat for long, and less patience when the console is silent, too: why, is asked from outside, and noted once. */
export class SilenceWatch {
  readonly #guest: ControlledGuest;
  readonly #ports: SilencePorts;
  #lastConsole: number;
  #lastLook = 0;
  #told = false;
  /** Of a slow guest more silence is borne. */
  #patience = 1;

  constructor(guest: ControlledGuest, ports: SilencePorts) {
    this.#guest = guest;
    this.#ports = ports;
    this.#lastConsole = ports.clock.now();
  }

  /** The console spoke at that time of the clock. */
  heard(observed: number): void {
    this.#lastConsole = observed;
  }

  async look(): Promise<void> {
    const { clock, silenceMs, periodMs, busy, note } = this.#ports;
    const now = clock.now();
    const stalled = now - this.#lastLook > 10 * periodMs * NS_PER_MS;
    this.#lastLook = now;
    // When it was us who stood still, what the guest said meanwhile has yet to be read.
    if (busy() || stalled) return;
    const silentMs = Math.round((Number(process.hrtime.bigint()) - this.#guest.control.lastSeen) / NS_PER_MS);
    if (silentMs < silenceMs) {
      this.#told = false;
      this.#patience = 1;
    }
    const quiet = now - this.#lastConsole >= silenceMs * NS_PER_MS;
    if (this.#told || silentMs < silenceMs * this.#patience * (quiet ? 1 : 2)) return;
    this.#told = true;
    const observed = await observeSilence(this.#guest);
    const cause = judgeSilence(observed);
    if (busy()) return;
    if (cause === 'slow' && this.#patience < MAX_PATIENCE) {
      this.#patience += 1;
      note({ record: 'guest', kind: 'slow', detail: { silentMs, starved: observed.starved } });
    }
    if (cause === 'answers' || (cause === 'slow' && this.#patience < MAX_PATIENCE)) this.#told = false;
    else {
      const { machine, starved } = observed;
      const detail = { silentMs, cause, ...(starved !== undefined && { starved }), ...(machine && { machine }) };
      note({ record: 'guest', kind: KIND_OF_SILENCE[cause] ?? 'hang', detail });
    }
  }
}

/** What a silence is noted as; the rest are hangs. */
const KIND_OF_SILENCE: Readonly<Partial<Record<SilenceCause, 'frozen' | 'agent-dead'>>> = {
  frozen: 'frozen',
  'port-lost': 'agent-dead',
  'agent-dead': 'agent-dead',
  'agent-stuck': 'agent-dead',
};
