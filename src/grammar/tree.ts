import type { CstElement, CstNode } from 'chevrotain';
import type { ReportLine } from '../model/report.ts';
import type { LineToken } from './tokens.ts';

/** The children of a node, by the rule or token that made them. */
export type Children = Readonly<Record<string, readonly CstElement[] | undefined>>;

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
