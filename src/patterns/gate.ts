import type { Condition } from './condition-schema.ts';

/** What a condition is about that names no event. */
export const FINDINGS: ReadonlySet<string> = new Set(['crash', 'race', 'lock', 'leak']);

/**
 * The kinds that a condition can hold for, read off the tree; undefined when it could hold for any. Matching looks only at
 * patterns whose gate is open, so that a thousand patterns cost about as much as the few of one kind.
 */
export function kindsOf(node: Condition): ReadonlySet<string> | undefined {
  return gateOf(node, ({ kind }) => (kind === undefined ? undefined : new Set([kind].flat())));
}

/** The events that a condition can hold for. One that names none is about findings. */
export function eventsOf(node: Condition): ReadonlySet<string> {
  return gateOf(node, ({ event }) => (event === undefined ? undefined : new Set([event].flat())), FINDINGS) ?? FINDINGS;
}

type Gate = ReadonlySet<string> | undefined;

/** `otherwise` is what a branch stands for that says nothing. */
function gateOf(node: Condition, own: (node: Condition) => Gate, otherwise?: ReadonlySet<string>): Gate {
  if (node.all === undefined && node.any === undefined) return own(node);
  const all = (node.all ?? []).map((child) => gateOf(child, own));
  const any =
    node.any === undefined ? undefined : union(node.any.map((child) => gateOf(child, own, otherwise) ?? otherwise));
  return [own(node), ...all, any].reduce(intersect, undefined);
}

function intersect(a: Gate, b: Gate): Gate {
  if (a === undefined || b === undefined) return a ?? b;
  return new Set([...a].filter((kind) => b.has(kind)));
}

function union(gates: readonly Gate[]): Gate {
  const kinds = new Set<string>();
  for (const gate of gates) {
    if (gate === undefined) return undefined;
    for (const kind of gate) kinds.add(kind);
  }
  return kinds;
}
