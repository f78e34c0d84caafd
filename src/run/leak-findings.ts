import { type Leak, Leaks } from '../analysis/leaks.ts';
import type { Evidence } from '../model/event.ts';
import type { HostRecord } from '../model/host-record.ts';
import type { PlainFinding } from './plain-finding.ts';

type LeakRecord = Extract<HostRecord, { record: 'leaks' }>;

/** What the host noted of a module's allocations to findings. */
export class LeakFindings {
  #leaks: Leaks | undefined;

  /** A watch that begins knows nothing of what was allocated before. */
  record({ point, module, sample }: LeakRecord, evidence: Evidence): PlainFinding[] {
    if (point === 'start' || this.#leaks === undefined) this.#leaks = new Leaks(module);
    if (point === 'start' || sample === undefined) return [];
    return this.#leaks.sample(point, sample).map((leak) => leakFinding(leak, evidence));
  }

  /** What a sample says of how much was looked at, how much was not seen, and whether anything is concluded. */
  metric({ sample }: LeakRecord): Readonly<Record<string, unknown>> {
    if (sample === undefined) return {};
    const { sites, allocations, frees, ...rest } = sample;
    return { allocations, outstanding: allocations - frees, ...rest, unjudged: this.#leaks?.whyNot(sample) ?? null };
  }

  /** Something broke: tasks may have died with what they had. */
  disturb(): void {
    this.#leaks?.disturb();
  }

  /** Another boot, or a former state of the guest: the watch goes on there, with what it had then. */
  boundary(): void {
    this.#leaks = undefined;
  }
}

function leakFinding(leak: Leak, evidence: Evidence): PlainFinding {
  const { fn: symbol, stacks, ...rest } = leak;
  const fn = withoutSuffix(symbol);
  return {
    kind: 'trace-leak',
    title: `memory leak in ${fn}`,
    identity: [fn],
    context: {},
    frame: fn,
    stacks: stacks.map(({ count, bytes, frames }) => ({
      role: 'alloc',
      about: `${count} objects, ${bytes} bytes`,
      frames: frames.map((frame) => ({ ...frame, fn: withoutSuffix(frame.fn), reliable: true })),
    })),
    details: { ...rest },
    evidence,
  };
}

/** `foo.isra.0`: what compilers append to a name. */
function withoutSuffix(name: string): string {
  const dot = name.indexOf('.');
  return dot > 0 ? name.slice(0, dot) : name;
}
