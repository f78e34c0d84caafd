import type { CstNode } from 'chevrotain';
import type { HeldLock, ReportLine, ReportSections, TaskRow } from '../model/report.ts';
import type { Frame, StackOwner } from '../model/stack.ts';
import { readBuildIds } from './build-ids.ts';
import { readCode } from './code-bytes.ts';
import { readContext } from './context.ts';
import { fold, put, readDetails } from './details.ts';
import { frameOf } from './frame-line.ts';
import { readAbort, readPageTable } from './hardware-fault.ts';
import { lockOf } from './lock-line.ts';
import { RegisterReader } from './registers.ts';
import { type Children, inOrder, linesOf, nodes, TreeVisitor } from './tree.ts';
import { valuesOf } from './values.ts';

type OpenStack = StackOwner & { readonly role: string; readonly frames: Frame[] };

/** Gathers what any report may hold from its tree, in the order of the text; each family has a visitor that knows more. */
export class SectionsVisitor extends TreeVisitor {
  protected readonly stacks: OpenStack[] = [];
  protected readonly details: Record<string, unknown> = {};
  protected readonly tasks: TaskRow[] = [];
  /** Role of the next stack without a title of its own. */
  protected role = 'trap';
  /** A title came since the last stack: the next frames start a new one. */
  protected fresh = true;
  readonly #kernel = new RegisterReader();
  readonly #user = new RegisterReader();
  readonly #locks: HeldLock[] = [];
  /** Where the CPU was caught: the innermost frame of the stack that comes next, which does not repeat it. */
  #caught: Frame | undefined;
  /** The registers that follow are those of a program. */
  #inUser = false;
  /** Registers belong to the first place that a CPU was caught at. */
  #pointers = 0;
  #code: string | undefined;

  oops(children: Children): void {
    this.walk(children);
  }

  /** Chevrotain sorts children by name; the text order matters here. */
  protected walk(children: Children): void {
    for (const node of inOrder(children)) this.visit(node);
  }

  stack(children: Children): void {
    if (children.StackTitle) this.fresh = true;
    if (children.Backtrace) {
      this.fresh = true;
      this.ownStack();
    }
    for (const node of nodes(children.frames)) this.frames(this.role, node);
  }

  /** What follows `stack backtrace:` is the stack of the report itself. */
  protected ownStack(): void {}

  machine(children: Children): void {
    for (const line of linesOf(children.PointerLine)) this.#pointer(line);
    if (children.UserPointer) this.#inUser = true;
    for (const line of linesOf(children.RegisterLine)) {
      if (this.#inUser) this.#user.read(line.text);
      else if (this.#pointers <= 1) this.#kernel.read(line.text);
    }
    for (const line of linesOf(children.CodeLine)) if (!this.#inUser) this.#code ??= line.fields.code?.trim();
    for (const line of linesOf(children.PageTableLine)) fold(this.details, readPageTable(line.text));
    for (const line of linesOf(children.AbortLine)) readAbort(line.text, this.details);
    for (const { fields } of linesOf(children.IrqLine)) {
      const { irqKind, irqDid, event, fn } = fields;
      put(this.details, 'irqTrace', {
        [`${irqKind}${irqDid === 'enabled' ? 'Enabled' : 'Disabled'}`]: { event: Number(event), fn },
      });
    }
  }

  #pointer(line: ReportLine): void {
    this.#inUser = false;
    if (line.kind === 'psw') this.#kernel.readStatusWord(line.fields);
    const frame = frameOf(line);
    if (!frame) return;
    // The same place again, as at the end of an oops, begins no other block of registers.
    if (frame.fn !== this.#caught?.fn) this.#pointers++;
    this.details.trap ??= frame;
    this.#caught = frame;
  }

  origin(children: Children): void {
    const line = linesOf(children.OriginTitle)[0];
    const variable = line?.fields.variable;
    const about = variable === undefined ? ABOUT_ORIGIN[line?.kind ?? ''] : `local variable ${variable}`;
    this.titled('origin', children, about === undefined ? {} : { about: line?.fields.about?.toLowerCase() ?? about });
  }

  pageStack(children: Children): void {
    const line = linesOf(children.PageStackTitle)[0];
    if (!line) return;
    const { pid, comm, migrate, ...page } = line.fields;
    put(this.details, 'page', { ...valuesOf(page), ...(migrate !== undefined && { migrateType: migrate }) });
    this.titled(line.kind === 'page-freed' ? 'page-free' : 'page-alloc', children, ownerOf(line));
  }

  place(children: Children): void {
    const title = linesOf(children.PlaceTitle)[0];
    const line = linesOf(children.FrameLine)[0];
    const frame = line && frameOf(line);
    const place = PLACE_OF_TITLE[title?.kind ?? ''];
    if (!frame || place === undefined) return;
    const { fn, reliable, ...where } = frame;
    put(this.details, place, place === 'variable' ? { name: fn, ...where } : { [FRAME_NAME[place] ?? 'fn']: fn });
  }

  held(children: Children): void {
    const title = linesOf(children.HeldTitle)[0];
    const owner = { ...(title && ownerOf(title)) };
    for (const line of linesOf(children.HeldRow)) this.#locks.push(lockOf(line, owner));
  }

  finish(lines: readonly ReportLine[], lead: readonly ReportLine[]): ReportSections {
    const { context, modules } = readContext(lines);
    const details = readDetails(lines, lead);
    for (const [name, value] of Object.entries(this.details)) {
      if (isPlain(value) && isPlain(details[name])) fold(details[name] as Record<string, unknown>, value);
      else details[name] ??= value;
    }
    const user = this.#user.registers;
    if (Object.keys(user).length > 0) details.userRegisters = user;
    const buildIds = readBuildIds(lines);
    if (buildIds) details.buildIds = buildIds;
    return {
      stacks: this.stacks,
      context,
      registers: this.#kernel.registers,
      ...(this.#code !== undefined && { code: this.#code }),
      modules,
      locks: this.#locks,
      tasks: this.tasks,
      details: this.completed(details),
    };
  }

  /** The details with what follows from several of them. */
  protected completed(details: Record<string, unknown>): Readonly<Record<string, unknown>> {
    if (this.#code !== undefined) details.code = readCode(this.#code);
    return details;
  }

  protected titled(role: string, children: Children, owner: StackOwner = {}): void {
    this.fresh = true;
    for (const node of nodes(children.frames)) this.frames(role, node, owner);
    this.fresh = true;
  }

  /** Frames behind an interruption (registers of an interrupt, say) go on with the stack before it. */
  protected frames(role: string, node: CstNode, owner: StackOwner = {}): void {
    const frames = framesOf(node);
    if (this.#caught && (role === 'trap' || role === 'task')) {
      if (frames.find((frame) => frame.reliable)?.fn !== this.#caught.fn) frames.unshift(this.#caught);
    }
    this.#caught = undefined;
    const last = this.stacks.at(-1);
    if (last && !this.fresh && last.role === role) last.frames.push(...frames);
    else this.stacks.push({ role, ...owner, frames });
    this.fresh = false;
  }
}

const ABOUT_ORIGIN: Readonly<Record<string, string>> = {
  'kmsan-created': 'created',
  'kmsan-stored': 'stored',
  'related-work': 'work',
  'preempt-at': 'preemption disabled',
};

/** Where the name behind a title stands in the details. */
const PLACE_OF_TITLE: Readonly<Record<string, string>> = {
  'variable-title': 'variable',
  'in-frame': 'onStack',
  'mapping-range': 'mapping',
};
const FRAME_NAME: Readonly<Record<string, string>> = { onStack: 'frame', mapping: 'createdBy' };

/** Task, CPU and time that a title names. */
export function ownerOf({ fields }: ReportLine): StackOwner {
  const { comm, pid, cpu, time } = fields;
  return {
    ...(comm !== undefined && { comm }),
    ...(pid !== undefined && { pid: Number(pid) }),
    ...(cpu !== undefined && { cpu: Number(cpu) }),
    ...(time !== undefined && { time: Number(time) }),
  };
}

export function framesOf(node: CstNode | undefined): Frame[] {
  return linesOf(node?.children.FrameLine).flatMap((line) => frameOf(line) ?? []);
}

function isPlain(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
