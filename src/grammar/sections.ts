import type { CstNode } from 'chevrotain';
import { lazy } from '../base/lazy.ts';
import type { ReportLine, ReportSections } from '../model/report.ts';
import { familyOf } from './families.ts';
import { KtapVisitor } from './ktap-visitor.ts';
import { LockVisitor } from './lock-visitor.ts';
import { MemoryVisitor } from './memory-visitor.ts';
import { OomVisitor } from './oom-visitor.ts';
import { type Family, ReportParser } from './report-parser.ts';
import { SectionsVisitor } from './sections-visitor.ts';
import { StallVisitor } from './stall-visitor.ts';
import { type LineToken, tokensOf } from './tokens.ts';

/** Who makes what of the tree of a family. */
const VISITORS: Readonly<Record<Family, new () => SectionsVisitor>> = {
  oops: SectionsVisitor,
  memory: MemoryVisitor,
  lock: LockVisitor,
  stall: StallVisitor,
  oom: OomVisitor,
  ktap: KtapVisitor,
};

const quick = lazy(() => new ReportParser({ recovers: false }));
const recovering = lazy(() => new ReportParser());

/** Parses the lines of a report with the rule of its family. Never throws; what does not fit is left out. */
export function readSections(
  headline: string,
  lines: readonly ReportLine[],
  lead: readonly ReportLine[] = [],
): ReportSections {
  const family = familyOf(headline, lines[0]);
  const tree = parse(family, tokensOf(lines));
  const visitor = new VISITORS[family]();
  if (tree) visitor.visit(tree);
  return visitor.finish(lines, lead);
}

/** Nearly all reports fit; for the others the errors are recovered, so that they cost no more than what stands there. */
function parse(family: Family, tokens: LineToken[]): CstNode | undefined {
  const parser = quick();
  parser.input = tokens;
  const tree: CstNode | undefined = parser[family]();
  if (parser.errors.length === 0) return tree;
  const second = recovering();
  second.input = tokens;
  return second[family]();
}
