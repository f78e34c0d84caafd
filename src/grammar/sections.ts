import type { CstNode } from 'chevrotain';
import type { ReportLine, ReportSections } from '../model/report.ts';
import { familyOf } from './families.ts';
import { KtapVisitor } from './ktap-visitor.ts';
import { LockVisitor } from './lock-visitor.ts';
import { MemoryVisitor } from './memory-visitor.ts';
import { OomVisitor } from './oom-visitor.ts';
import { type Family, ReportParser } from './report-parser.ts';
import { SectionsVisitor } from './sections-visitor.ts';
import { StallVisitor } from './stall-visitor.ts';
import { tokensOf } from './tokens.ts';

/** Who makes what of the tree of a family. */
const VISITORS: Readonly<Record<Family, new () => SectionsVisitor>> = {
  oops: SectionsVisitor,
  memory: MemoryVisitor,
  lock: LockVisitor,
  stall: StallVisitor,
  oom: OomVisitor,
  ktap: KtapVisitor,
};

let parser: ReportParser | undefined;

/** Parses the lines of a report with the rule of its family. Never throws; what does not fit is left out. */
export function readSections(
  headline: string,
  lines: readonly ReportLine[],
  lead: readonly ReportLine[] = [],
): ReportSections {
  parser ??= new ReportParser();
  parser.input = tokensOf(lines);
  const family = familyOf(headline, lines[0]);
  const tree: CstNode | undefined = parser[family]();
  const visitor = new VISITORS[family]();
  if (tree) visitor.visit(tree);
  return visitor.finish(lines, lead);
}
