import { fold } from './details.ts';
import { ownerOf, SectionsVisitor } from './sections-visitor.ts';
import { type Children, linesOf } from './tree.ts';

/** Sanitizers, slab and page reports, kmemleak: who accessed, who allocated, who freed. */
export class MemoryVisitor extends SectionsVisitor {
  memory(children: Children): void {
    this.role = 'access';
    this.walk(children);
  }

  access(children: Children): void {
    const line = linesOf(children.AccessTitle)[0];
    const second = this.stacks.some((stack) => stack.role === 'access');
    this.fresh = true;
    const role = line?.kind === 'kcsan-access' && second ? 'other-access' : 'access';
    for (const node of children.frames ?? []) {
      if ('children' in node) this.frames(role, node, line ? ownerOf(line) : {});
    }
  }

  allocated(children: Children): void {
    this.#tracked('alloc', children.AllocTitle, children);
  }

  freed(children: Children): void {
    this.#tracked('free', children.FreeTitle, children);
  }

  track(children: Children): void {
    const what = linesOf(children.TrackTitle)[0]?.fields.what?.toLowerCase() ?? '';
    this.#tracked(what.startsWith('freed') || what === 'freeing' ? 'free' : 'alloc', children.TrackTitle, children);
  }

  leak(children: Children): void {
    this.titled('alloc', children);
  }

  protected override completed(details: Record<string, unknown>): Readonly<Record<string, unknown>> {
    const object = details.object as Record<string, unknown> | undefined;
    if (object !== undefined) fold(object, offsetIn(object));
    return super.completed(details);
  }

  #tracked(role: string, title: Children[string], children: Children): void {
    const line = linesOf(title)[0];
    // A slab track names the function that allocated even where no stack was kept.
    const named = line?.kind === 'slab-track' && !children.frames ? line.fields.fn : undefined;
    if (named !== undefined)
      this.stacks.push({ role, ...(line && ownerOf(line)), frames: [{ fn: named, reliable: true }] });
    else this.titled(role, children, line ? ownerOf(line) : {});
  }
}

interface Placed {
  readonly distance?: unknown;
  readonly relation?: unknown;
  readonly length?: unknown;
}

/** Where in the object the address lies, in bytes from its start: before it less than zero, behind it more than its length. */
function offsetIn({ distance, relation, length }: Placed): Readonly<Record<string, unknown>> {
  if (typeof distance !== 'number') return {};
  if (relation === 'inside') return { offset: distance };
  if (relation === 'to the left') return { offset: -distance };
  return typeof length === 'number' ? { offset: length + distance } : {};
}
