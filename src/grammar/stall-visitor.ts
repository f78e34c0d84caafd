import type { ReportLine } from '../model/report.ts';
import { put } from './details.ts';
import { ownerOf, SectionsVisitor } from './sections-visitor.ts';
import { type Children, linesOf } from './tree.ts';
import { valuesOf } from './values.ts';

/** Stalls, lockups and hung tasks: each CPU or task with its stack, workqueues with their work. */
export class StallVisitor extends SectionsVisitor {
  stall(children: Children): void {
    this.role = 'task';
    this.walk(children);
  }

  other(children: Children): void {
    const title = linesOf(children.CpuTitle)[0];
    const before = this.stacks.length;
    this.fresh = true;
    this.walk(children);
    if (!title) return;
    const { state } = title.fields;
    const owner = { ...ownerOf(title), ...(state !== undefined && { about: `state ${state}` }) };
    for (const [at, stack] of this.stacks.entries()) if (at >= before) this.stacks[at] = { ...owner, ...stack };
  }

  queue(children: Children): void {
    const title = linesOf(children.QueueTitle)[0];
    if (!title) return;
    const queue: Record<string, unknown> = { ...valuesOf(title.fields) };
    for (const line of linesOf(children.PoolRow)) put(queue, 'pools[]', valuesOf(line.fields));
    for (const line of linesOf(children.WorkRow)) readWork(line, queue);
    put(this.details, 'workqueues[]', queue);
  }
}

const WORK = /(?:(\d+)[A-Z()]*:)?([A-Za-z_][A-Za-z0-9_.]*)(?: \[\w+\])?(?: BAR\(\d+\))?/g;

/** `55:vexfs_work [vexfs], 56:other` (kernel/workqueue.c show_pwq): who runs what, and what waits. */
function readWork({ fields }: ReportLine, queue: Record<string, unknown>): void {
  const list = fields.what === 'in-flight' ? 'inFlight' : fields.what === 'pending' ? 'pending' : 'inactive';
  for (const [, pid, fn] of (fields.work ?? '').matchAll(WORK)) {
    put(queue, `${list}[]`, { ...(pid !== undefined && { pid: Number(pid) }), fn });
  }
}
