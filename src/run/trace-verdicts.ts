import { KernelActs } from '../analysis/acts-kernel.ts';
import { vexfsAct } from '../analysis/acts-vexfs.ts';
import { TextPool } from '../analysis/text-pool.ts';
import { type AnalysisSummary, TraceAnalysis, type TraceVerdict } from '../analysis/trace-analysis.ts';
import type { TraceEvent, TraceGap } from '../analysis/trace-input.ts';
import { TraceOrder } from '../analysis/trace-order.ts';
import type { Evidence } from '../model/event.ts';
import type { Act, VexfsEvent } from '../model/trace.ts';
import type { PlainFinding } from './plain-finding.ts';
import { ruleFinding, timeOf, traceFinding } from './trace-findings.ts';

interface Placed {
  readonly time: number;
  readonly act: Act;
  readonly byte: number;
  readonly endByte: number;
  readonly line: number;
}
type Record = TraceEvent & Pick<Placed, 'byte' | 'endByte' | 'line'>;

/** Records of a trace, in any order of CPUs, to what the analyses of locks and races make of them. */
export class TraceVerdicts {
  readonly #onFinding: (finding: PlainFinding, time: number | null) => void;
  readonly #inOrder: () => boolean;
  readonly #analysis = new TraceAnalysis();
  readonly #texts = new TextPool();
  readonly #kernel = new KernelActs(this.#texts);
  readonly #order = new TraceOrder<Placed>({
    onItem: (placed) => this.#act(placed),
    onGap: (gap, ends) => this.#analysis.gap(gap, ends),
    onDisorder: (cpu) => this.#analysis.gap({ cpu, lost: null }),
  });
  #last: Placed | undefined;

  /** `inOrder`: records come in the order of time, and losses at both ends. */
  constructor(onFinding: (finding: PlainFinding, time: number | null) => void, inOrder: () => boolean) {
    this.#onFinding = onFinding;
    this.#inOrder = inOrder;
  }

  record(event: Record, module: VexfsEvent | null): void {
    const { time, cpu, byte, endByte, line } = event;
    if (time === null) return;
    const act = module === null ? this.#kernel.act(event) : vexfsAct(event, module, this.#texts);
    if (act === null) {
      if (!this.#inOrder()) this.#order.reach(cpu, time);
      return;
    }
    const placed = { time, act, byte, endByte, line };
    if (this.#inOrder()) this.#act(placed);
    else this.#order.push(cpu, time, placed);
  }

  /** `known`: it has been told of, and is over now. */
  gap(gap: TraceGap, known = false): void {
    this.#kernel.gap();
    if (this.#inOrder()) this.#analysis.gap(gap, known);
    else this.#order.gap(gap);
  }

  /** Nothing comes any longer, so nothing that came is kept waiting for it. */
  settle(): void {
    this.#order.flush();
  }

  /** KCSAN has reported a race between these functions. */
  corroborate(functions: readonly string[]): void {
    this.#analysis.corroborate(functions);
  }

  /** The machine is another, or as it was before: what waits is told of first. */
  reset(): void {
    this.#finish();
    this.#order.reset();
    this.#analysis.reset();
  }

  /** The trace has ended. Null when it held nothing to analyse. */
  end(): AnalysisSummary | null {
    this.#finish();
    const summary = this.#analysis.summary();
    return summary.accesses + summary.lockPairs === 0 ? null : summary;
  }

  #finish(): void {
    this.#order.flush();
    if (this.#last === undefined) return;
    this.#tell(this.#analysis.end(), this.#last);
    const evidence = evidenceOf(this.#last);
    for (const rule of this.#analysis.brokenRules()) this.#onFinding(ruleFinding(rule, evidence), this.#last.time);
  }

  #act(placed: Placed): void {
    this.#tell(this.#analysis.act(placed.act), placed);
  }

  #tell(verdicts: readonly TraceVerdict[], placed: Placed): void {
    this.#last = placed;
    for (const verdict of verdicts) this.#onFinding(traceFinding(verdict, evidenceOf(placed)), timeOf(verdict));
  }
}

function evidenceOf({ byte, endByte, line }: Placed): Evidence {
  return { stream: 'ftrace', byte, endByte, line };
}
