import type { HeldLock, ReportLine } from '../model/report.ts';
import { put } from './details.ts';
import { lockOf } from './lock-line.ts';
import { framesOf, ownerOf, SectionsVisitor } from './sections-visitor.ts';
import { type Children, linesOf, nodes } from './tree.ts';
import { hexOf } from './values.ts';

/** What a task does with a lock, by the kind of line that says so. */
const DEED: Readonly<Record<string, string>> = {
  acquiring: 'wants',
  changing: 'changes',
  releasing: 'releases',
  freeing: 'frees',
  holding: 'holds',
};

/** Lockdep reports: locks wanted and held, the cycle, usages in interrupts, how it could end. */
export class LockVisitor extends SectionsVisitor {
  /** The chain as printed, the last lock of the cycle first; `stack` is the place among the stacks. */
  readonly #chain: { readonly name: string; readonly stack: number }[] = [];
  /** The class whose usages are being listed. */
  #usageOf: string | undefined;

  lock(children: Children): void {
    this.role = 'task';
    for (const line of linesOf(children.Dependency)) this.#dependency(line);
    this.#scenario(linesOf(children.Scenario));
    this.walk(children);
  }

  protected override ownStack(): void {
    this.role = 'task';
    this.#usageOf = undefined;
  }

  acquire(children: Children): void {
    const title = linesOf(children.Acquire)[0];
    const deed = DEED[title?.kind ?? ''];
    if (!title || deed === undefined) return;
    const line = linesOf(children.LockAt)[0];
    const task = title.kind === 'holding' ? {} : ownerOf(title);
    if (title.fields.irqContext !== undefined) put(this.details, 'irqContext', readIrqContext(title.fields.irqContext));
    if (title.kind === 'freeing') {
      const { from = '', to = '' } = title.fields;
      put(this.details, 'freed', { from: hexOf(from), to: hexOf(to) });
    }
    const lock = line ? lockOf(line, task) : released(title, linesOf(children.FrameLine)[0], task);
    if (lock) this.details[deed] ??= lock;
  }

  irqLock(children: Children): void {
    const title = linesOf(children.IrqLock)[0];
    const line = linesOf(children.LockAt)[0];
    if (!title || !line) return;
    const { irqClass, verdict } = title.fields;
    put(this.details, 'irqLocks[]', { irqClass: irqClass?.toLowerCase(), verdict, lock: lockOf(line) });
  }

  chain(children: Children): void {
    const title = linesOf(children.ChainTitle)[0];
    if (!title) return;
    const name = title.fields.name ?? '';
    this.#chain.push({ name, stack: this.stacks.length });
    this.stacks.push({ role: 'lock-chain', about: name, frames: framesOf(nodes(children.frames)[0]) });
    this.fresh = true;
  }

  usage(children: Children): void {
    const of = linesOf(children.UsageOf)[0];
    if (of) this.#usageOf = of.fields.name;
    const title = linesOf(children.UsageTitle)[0];
    if (!title) return;
    const about = title.fields.about ?? '';
    this.titled('lock-usage', children, { about: this.#usageOf === undefined ? about : `${about} ${this.#usageOf}` });
    if (about === 'acquired') this.#usageOf = undefined;
  }

  protected override completed(details: Record<string, unknown>): Readonly<Record<string, unknown>> {
    const cycle = this.#cycle();
    return super.completed(cycle ? { ...details, cycle } : details);
  }

  #dependency({ kind, fields }: ReportLine): void {
    if (kind === 'chain-exists') {
      this.details.lockOrder ??= (fields.order ?? '').split('-->').map((name) => name.trim());
    } else {
      this.details.newLockOrder ??= [fields.first, fields.second];
    }
  }

  /** The columns of the scenario are CPUs: what stands to the right of the middle happens on CPU1. */
  #scenario(lines: readonly ReportLine[]): void {
    for (const { fields } of lines) {
      if (fields.scenario !== undefined) put(this.details, 'scenario', { what: fields.scenario.toLowerCase() });
      if (fields.step === undefined) continue;
      const cpu = (fields.indent?.length ?? 0) > SECOND_COLUMN ? 1 : 0;
      const does = fields.step.endsWith(';') ? fields.step.slice(0, -1) : fields.step;
      put(this.details, 'scenario.steps[]', { cpu, does });
    }
  }

  /**
   * print_circular_bug: entry #N took its lock while entry #N+1 was held, and the first entry took its while the lock of #0 was
   * held, which closes the cycle.
   */
  #cycle(): Readonly<Record<string, unknown>> | undefined {
    const chain = this.#chain;
    if (chain.length < 2) return undefined;
    return {
      nodes: chain.map(({ name }) => name),
      edges: chain.map(({ name, stack }, at) => ({ from: chain.at(at - 1)?.name ?? '', to: name, stack })),
    };
  }
}

const SECOND_COLUMN = 16;

/** `a/1 is trying to release lock (&x) at:` names the lock itself; the place stands on the next line. */
function released(title: ReportLine, place: ReportLine | undefined, task: Partial<HeldLock>): HeldLock | undefined {
  const { name } = title.fields;
  if (name === undefined) return undefined;
  const { fn: at, module } = place?.fields ?? {};
  return { name, ...(at !== undefined && { at }), ...(module !== undefined && { module }), ...task };
}

/** `HC0[0]:SC1[2]:HE1:SE0`: kernel/locking/lockdep.c print_usage_bug. */
function readIrqContext(text: string): Readonly<Record<string, unknown>> {
  const m = /^HC(\d+)\[\d+\]:SC(\d+)\[\d+\]:HE(\d):SE(\d)/.exec(text);
  if (!m) return {};
  return { hardirq: m[1] !== '0', softirq: m[2] !== '0', hardirqsEnabled: m[3] === '1', softirqsEnabled: m[4] === '1' };
}
