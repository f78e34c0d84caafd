import type { CstElement, CstNode } from 'chevrotain';
import type { ReportLine } from '../model/report.ts';
import type { LineToken } from './tokens.ts';

/** The children of a node, by the rule or token that made them. */
export type Children = Readonly<Record<string, readonly CstElement[] | undefined>>;

/**
 * Visits nodes by the name of the rule that made them; a node that has no method hands on to its children. Chevrotain's own base of
 * visitors is made from a parser, and making the parser takes as long as reading a short log: it waits for the first report.
 */
export abstract class TreeVisitor {
  visit(node: CstNode): void {
    const own = (this as unknown as Readonly<Record<string, ((children: Children) => void) | undefined>>)[node.name];
    if (own) own.call(this, node.children);
    else for (const elements of Object.values(node.children)) for (const child of nodes(elements)) this.visit(child);
  }
}

export function nodes(elements: readonly CstElement[] | undefined): CstNode[] {
  return (elements ?? []).filter((element): element is CstNode => 'children' in element);
}

export function linesOf(elements: readonly CstElement[] | undefined): ReportLine[] {
  return (elements ?? []).flatMap((element) =>
    'payload' in element && element.payload ? [(element as LineToken).payload] : [],
  );
}

/** Children that are nodes, in the order of the text: Chevrotain sorts them by name. */
export function inOrder(children: Children): CstNode[] {
  return Object.values(children)
    .flatMap((elements) => nodes(elements))
    .map((node) => ({ node, at: firstByte(node) }))
    .sort((a, b) => a.at - b.at)
    .map(({ node }) => node);
}

function firstByte(node: CstNode): number {
  let least = Number.MAX_SAFE_INTEGER;
  for (const elements of Object.values(node.children)) {
    const first = elements[0];
    if (!first) continue;
    const at = 'children' in first ? firstByte(first) : first.startOffset;
    if (at < least) least = at;
  }
  return least;
}
