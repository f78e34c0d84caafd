import { createToken, createTokenInstance, type IToken, Lexer, type TokenType } from 'chevrotain';
import type { ReportLine } from '../model/report.ts';
import { LINE_ROWS } from './report-line.ts';

/** A token of the report grammar is a recognised line. */
export interface LineToken extends IToken {
  payload: ReportLine;
}

/**
 * Roles that kinds of line play in the grammar: a kind may play several. A kind that plays none is a note: it says something
 * (its fields are kept) but structures nothing.
 */
const ROLES = {
  FrameLine: ['frame', 'frame-inlined', 'frame-placed', 'frame-address', 'arm-frame', 'arm-frame-new'],
  StackTitle: ['call-trace'],
  StackNoise: ['stack-switch', 'stack-dump', 'stack-words'],
  RegisterLine: ['stack-pointer', 'registers', 'register-row'],
  PointerLine: ['rip', 'rip-address', 'pc', 'pc-is', 'epc', 'nip', 'psw'],
  UserPointer: ['rip-user'],
  AllocTitle: ['allocated'],
  FreeTitle: ['freed'],
  OriginTitle: ['kmsan-created', 'kmsan-stored', 'related-work', 'preempt-at'],
  PageTitle: ['page'],
  AccessTitle: ['kcsan-access', 'kfence-access'],
  TrackTitle: ['kfence-track', 'slab-track'],
  LeakTitle: ['leak-object'],
  BacktraceTitle: ['backtrace'],
  CpuTitle: ['nmi-backtrace', 'task-state', 'task-state-old'],
  ChainTitle: ['chain-link'],
  HeldTitle: ['held-title'],
  HeldRow: ['held'],
  Acquire: ['acquiring', 'holding', 'releasing'],
  LockAt: ['lock-at'],
  TableTitle: ['oom-table'],
  TableRow: ['oom-task'],
} as const;

type Role = keyof typeof ROLES;

const lineToken = (name: string): TokenType => createToken({ name, pattern: Lexer.NA });

/** One token type a role, `Headline` for the first line and every later one that opens a story of its own, `Note` for the rest. */
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

/** Turns lines into tokens. Blank lines and those that nothing recognised structure nothing. */
export function tokensOf(lines: readonly ReportLine[]): LineToken[] {
  const tokens: LineToken[] = [];
  for (const [index, line] of lines.entries()) {
    if (index > 0 && (line.kind === 'blank' || line.kind === 'other')) continue;
    const type = index === 0 ? TOKENS.Headline : (TYPE_OF_KIND.get(line.kind) ?? TOKENS.Note);
    const number = line.place.line;
    const token = createTokenInstance(type, line.text, line.place.byte, line.place.endByte, number, number, 1, 1);
    tokens.push(Object.assign(token, { payload: line }));
  }
  return tokens;
}
