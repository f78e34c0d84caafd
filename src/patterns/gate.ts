import type { Condition } from './schema.ts';

/**
 * The kinds that a condition can hold for, read off the tree; undefined when it could hold for any. Matching looks only at
 * patterns whose gate is open, so that a thousand patterns cost about as much as the few of one kind.
 */
export function kindsOf(node: Condition): ReadonlySet<string> | undefined {
  const own = node.kind === undefined ? undefined : new Set([node.kind].flat());
  const all = (node.all ?? []).map(kindsOf);
  const any = node.any === undefined ? undefined : union(node.any.map(kindsOf));
  return [own, ...all, any].reduce(intersect, undefined);
}

type Gate = ReadonlySet<string> | undefined;

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
