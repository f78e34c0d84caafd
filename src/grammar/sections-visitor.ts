import type { CstNode } from 'chevrotain';
import type { HeldLock, LockLink, ReportLine, ReportSections, TaskRow } from '../model/report.ts';
import type { Frame, Stack } from '../model/stack.ts';
import { readContext } from './context.ts';
import { readDetails } from './details.ts';
import { frameOf } from './frame-line.ts';
import { type Children, inOrder, linesOf, nodes, TreeVisitor } from './tree.ts';

/** Roles of stacks by the kind of line that titles them. */
const ROLE_OF_TITLE: Readonly<Record<string, string>> = {
  'kmsan-created': 'origin',
  'kmsan-stored': 'origin',
  'related-work': 'origin',
  'preempt-at': 'origin',
  'nmi-backtrace': 'task',
  'task-state': 'task',
  'task-state-old': 'task',
  'leak-object': 'alloc',
  backtrace: 'alloc',
};

/** Gathers the parts of a report from its tree, in the order of the text. One visitor reads one report. */
export class SectionsVisitor extends TreeVisitor {
  readonly #stacks: { role: string; frames: Frame[] }[] = [];
  readonly #registers: Record<string, string> = {};
  readonly #locks: HeldLock[] = [];
  readonly #chain: LockLink[] = [];
  readonly #tasks: TaskRow[] = [];
  readonly #details: Record<string, unknown> = {};
  /** Role of the next stack without a title of its own. */
  #role = 'trap';
  /** Where the CPU was caught: the innermost frame of the stack that comes next, which does not repeat it. */
  #caught: Frame | undefined;
  /** A `Call Trace:` came since the last stack: the next frames start a new one. */
  #fresh = true;

  memory(children: Children): void {
    this.#role = 'access';
    this.#walk(children);
  }

  lock(children: Children): void {
    this.#role = 'task';
    this.#walk(children);
  }

  stall(children: Children): void {
    this.#role = 'task';
    this.#walk(children);
  }

  oom(children: Children): void {
    this.#role = 'task';
    this.#walk(children);
  }

  /** Chevrotain sorts children by name; the text order matters here. */
  #walk(children: Children): void {
    for (const node of inOrder(children)) this.visit(node);
  }

  oops(children: Children): void {
    this.#walk(children);
  }

  stack(children: Children): void {
    if (children.StackTitle) this.#fresh = true;
    for (const node of nodes(children.frames)) this.#frames(this.#role, node);
  }

  machine(children: Children): void {
    for (const line of linesOf(children.PointerLine)) {
      const frame = frameOf(line);
      if (!frame) continue;
      this.#details.trap ??= frame;
      this.#caught = frame;
    }
    for (const line of linesOf(children.RegisterLine)) readRegisters(line.text, this.#registers);
  }

  access(children: Children): void {
    const line = linesOf(children.AccessTitle)[0];
    const second = this.#stacks.some((stack) => stack.role === 'access');
    this.#fresh = true;
    this.#framesOf(line?.kind === 'kcsan-access' && second ? 'other-access' : 'access', children);
  }

  allocated(children: Children): void {
    this.#titled('alloc', children);
  }

  freed(children: Children): void {
    this.#titled('free', children);
  }

  track(children: Children): void {
    const what = linesOf(children.TrackTitle)[0]?.fields.what ?? '';
    this.#titled(what.toLowerCase() === 'freed' ? 'free' : 'alloc', children);
  }

  origin(children: Children): void {
    this.#titled('origin', children);
  }

  leak(children: Children): void {
    this.#titled('alloc', children);
  }

  other(children: Children): void {
    const title = linesOf(children.CpuTitle)[0];
    const before = this.#role;
    this.#role = ROLE_OF_TITLE[title?.kind ?? ''] ?? 'task';
    this.#fresh = true;
    this.#walk(children);
    this.#role = before;
  }

  held(children: Children): void {
    const title = linesOf(children.HeldTitle)[0];
    for (const line of linesOf(children.HeldRow)) {
      this.#locks.push(lockOf(line, title?.fields.comm, title?.fields.pid));
    }
  }

  acquire(children: Children): void {
    const title = linesOf(children.Acquire)[0];
    const lock = linesOf(children.LockAt)[0];
    if (!title || !lock) return;
    const name = title.kind === 'holding' ? 'holds' : 'wants';
    this.#details[name] ??= lockOf(lock, title.fields.comm, title.fields.pid);
  }

  chain(children: Children): void {
    const title = linesOf(children.ChainTitle)[0];
    if (!title) return;
    const frames = framesOf(nodes(children.frames)[0]);
    const stack = { role: 'lock-chain', frames };
    this.#chain.push({ index: Number(title.fields.index), name: title.fields.name ?? '', stack });
    this.#stacks.push(stack);
    this.#fresh = true;
  }

  table(children: Children): void {
    for (const { fields } of linesOf(children.TableRow)) {
      this.#tasks.push({
        pid: Number(fields.pid),
        uid: Number(fields.uid),
        rssPages: Number(fields.rss),
        totalVmPages: Number(fields.totalVm),
        oomScoreAdj: Number(fields.adj),
        name: fields.name ?? '',
      });
    }
  }

  finish(lines: readonly ReportLine[], lead: readonly ReportLine[]): ReportSections {
    const { context, modules } = readContext(lines);
    const details = { ...readDetails(lines, lead), ...this.#details };
    const code = lines.find((line) => line.kind === 'code')?.fields.code;
    return {
      stacks: this.#stacks.map(({ role, frames }): Stack => ({ role, frames })),
      context,
      registers: this.#registers,
      ...(code !== undefined && { code }),
      modules,
      locks: this.#locks,
      chain: this.#chain,
      tasks: this.#tasks,
      details,
    };
  }

  #titled(role: string, children: Children): void {
    this.#fresh = true;
    this.#framesOf(role, children);
    this.#fresh = true;
  }

  #framesOf(role: string, children: Children): void {
    for (const node of nodes(children.frames)) this.#frames(role, node);
  }

  /** Frames behind an interruption (registers of an interrupt, say) go on with the stack before it. */
  #frames(role: string, node: CstNode): void {
    const frames = framesOf(node);
    if (this.#caught && (role === 'trap' || role === 'task')) {
      if (frames.find((frame) => frame.reliable)?.fn !== this.#caught.fn) frames.unshift(this.#caught);
    }
    this.#caught = undefined;
    const last = this.#stacks.at(-1);
    if (last && !this.#fresh && last.role === role) last.frames.push(...frames);
    else this.#stacks.push({ role, frames: [...frames] });
    this.#fresh = false;
  }
}

function framesOf(node: CstNode | undefined): Frame[] {
  return linesOf(node?.children.FrameLine).flatMap((line) => frameOf(line) ?? []);
}

function lockOf(line: ReportLine, task: string | undefined, pid: string | undefined): HeldLock {
  const { address, name, state, fn } = line.fields;
  return {
    ...(address !== undefined && { address }),
    name: name ?? '',
    ...(state !== undefined && { state }),
    ...(fn !== undefined && { at: fn }),
    ...(task !== undefined && { task }),
    ...(pid !== undefined && { pid: Number(pid) }),
  };
}

const REGISTER = /\b([A-Za-z_][A-Za-z0-9_]{1,8}) ?: ?(?:[0-9a-f]{4}:)?([0-9a-f]{8,16})\b/g;

/** `RAX: … RBX: …`, `x29: … x28: …`: the first value of each register counts, later ones are another CPU's or the user's. */
function readRegisters(text: string, into: Record<string, string>): void {
  for (const m of text.matchAll(REGISTER)) into[m[1] ?? ''] ??= m[2] ?? '';
}
