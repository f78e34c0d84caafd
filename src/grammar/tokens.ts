import { createToken, createTokenInstance, type IToken, Lexer, type TokenType } from 'chevrotain';
import type { ReportLine } from '../model/report.ts';
import { LINE_ROWS } from './report-line.ts';

/** A token of the report grammar is a recognised line. */
export interface LineToken extends IToken {
  payload: ReportLine;
}

/**
 * The part that each kind of line plays in the grammar. A kind that plays none is a note: it says something (its fields are kept)
 * but structures nothing.
 */
const ROLES = {
  FrameLine: ['frame', 'frame-inlined', 'frame-placed', 'frame-address', 'arm-frame', 'arm-frame-new'],
  StackTitle: ['call-trace'],
  StackNoise: ['stack-switch', 'stack-dump', 'stack-words', 'interrupted'],
  RegisterLine: ['stack-pointer', 'registers', 'register-row'],
  PointerLine: ['rip', 'rip-address', 'pc', 'pc-is', 'epc', 'nip', 'psw'],
  UserPointer: ['rip-user', 'psw-user'],
  CodeLine: ['code'],
  PageTableLine: ['page-table'],
  AbortLine: ['abort-row'],
  IrqLine: ['irq-last'],
  AllocTitle: ['allocated'],
  FreeTitle: ['freed'],
  OriginTitle: ['kmsan-created', 'kmsan-stored', 'related-work', 'preempt-at'],
  PageStackTitle: ['page-allocated', 'page-freed'],
  PageTitle: ['page'],
  AccessTitle: ['kcsan-access', 'kfence-access'],
  TrackTitle: ['kfence-track', 'slab-track'],
  LeakTitle: ['leak-object'],
  BacktraceTitle: ['backtrace'],
  PlaceTitle: ['variable-title', 'in-frame', 'mapping-range', 'kcsan-reordered', 'last-breaking'],
  CpuTitle: ['nmi-backtrace', 'task-state', 'task-state-old'],
  ChainTitle: ['chain-link'],
  HeldTitle: ['held-title'],
  HeldRow: ['held'],
  Acquire: ['acquiring', 'changing', 'releasing', 'freeing', 'holding'],
  IrqLock: ['irq-lock'],
  LockAt: ['lock-at', 'lock-name'],
  UsageOf: ['lock-usage'],
  UsageTitle: ['usage-at'],
  Dependency: ['dependency', 'chain-exists'],
  Scenario: ['scenario', 'scenario-cpus', 'scenario-step'],
  Backtrace: ['stack-backtrace'],
  TableTitle: ['oom-table'],
  TableRow: ['oom-task'],
  MemoryRow: ['mem-count', 'mem-pages', 'mem-swap'],
  QueueTitle: ['workqueue-queue'],
  PoolRow: ['workqueue-pwq'],
  WorkRow: ['workqueue-work'],
  KtapLine: ['ktap-plan', 'ktap-suite', 'ktap-result', 'ktap-failed', 'ktap-expected', 'ktap-value'],
} as const;

type Role = keyof typeof ROLES;

const lineToken = (name: string): TokenType => createToken({ name, pattern: Lexer.NA });

/** One token type a role, `Headline` for the first line, `Note` for the rest. */
export const TOKENS = {
  Headline: lineToken('Headline'),
  Note: lineToken('Note'),
  ...(Object.fromEntries(Object.keys(ROLES).map((role) => [role, lineToken(role)])) as Record<Role, TokenType>),
};

const TYPE_OF_KIND = new Map<string, TokenType>(
  Object.entries(ROLES).flatMap(([role, kinds]) => kinds.map((kind) => [kind, TOKENS[role as Role]] as const)),
);

for (const kind of TYPE_OF_KIND.keys()) {
  if (!LINE_ROWS.some((row) => row.id === kind))
    throw new Error(`the grammar names a kind of line that no table has: ${kind}`);
}

const NOTHING: ReadonlySet<string> = new Set(['blank', 'other', 'ellipsis']);

/** Turns lines into tokens. Blank lines and those that nothing recognised structure nothing. */
export function tokensOf(lines: readonly ReportLine[]): LineToken[] {
  const tokens: LineToken[] = [];
  for (const [index, line] of lines.entries()) {
    if (index > 0 && NOTHING.has(line.kind)) continue;
    const type = index === 0 ? TOKENS.Headline : (TYPE_OF_KIND.get(line.kind) ?? TOKENS.Note);
    const number = line.place.line;
    // Their order stands for their place: lines of one record share one, and parts of a log may stand in it in any order.
    const token = createTokenInstance(type, line.text, index, index, number, number, 1, 1);
    tokens.push(Object.assign(token, { payload: line }));
  }
  return tokens;
}
