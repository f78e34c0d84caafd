import type { Finding } from '../model/event.ts';
import type { Frame } from '../model/stack.ts';

type Stack = Finding['stacks'][number];

/** A stack cut down to what a person looks at first. */
export interface StackRows {
  readonly title: string;
  readonly rows: readonly { readonly text: string; readonly blamed: boolean }[];
  /** Frames further in: what the kernel does to report. */
  readonly above: number;
  /** Frames further out. */
  readonly below: number;
  /** Frames further out that are those of the first stack, too. */
  readonly shared: number;
}

const MAX_ROWS = 8;
const MAX_STACKS = 8;

const TITLES: Readonly<Record<string, string>> = {
  access: 'access',
  'other-access': 'the other access',
  alloc: 'allocated by',
  free: 'freed by',
  origin: 'origin of the value',
  holder: 'holder of the lock',
  waiter: 'waiter',
  trap: 'call trace',
  task: 'call trace',
};

/** The stacks of a finding, each from the blamed frame on, or from the first one of its module. Frames that the unwinder doubts are left out. */
export function stackRows(finding: Finding): readonly StackRows[] {
  const { stacks, details } = finding;
  const chain = Array.isArray(details.chain) ? details.chain : [];
  let link = 0;
  const first = sureFrames(stacks[0]).map(frameText);
  return stacks.slice(0, MAX_STACKS).map((stack, i) => {
    const lock: unknown = stack.role === 'lock-chain' ? chain[link++] : undefined;
    return rowsOf(stack, titleOf(stack, lock), finding, i === 0 ? [] : first);
  });
}

/** What the locks of a lockdep chain are called stands beside the stacks, in the same order. */
function titleOf({ role }: Stack, lock: unknown): string {
  const name = typeof lock === 'object' && lock !== null && 'name' in lock ? lock.name : undefined;
  return typeof name === 'string' ? `where ${name} was taken` : (TITLES[role] ?? role);
}

function sureFrames(stack: Stack | undefined): readonly Frame[] {
  const frames = stack?.frames ?? [];
  const sure = frames.filter(({ reliable }) => reliable);
  return sure.length > 0 ? sure : frames;
}

function rowsOf(stack: Stack, title: string, finding: Finding, known: readonly string[]): StackRows {
  const frames = sureFrames(stack);
  const blamed = finding.frame === '' ? -1 : frames.findIndex(({ fn }) => fn === finding.frame);
  const { module } = finding.context;
  const first = blamed >= 0 || module === undefined ? blamed : frames.findIndex((frame) => frame.module === module);
  const above = Math.max(0, first);
  const texts = frames.slice(above).map(frameText);
  const shared = sharedTail(texts, known);
  const shown = texts.slice(0, Math.min(MAX_ROWS, texts.length - shared));
  return {
    title,
    rows: shown.map((text, i) => ({ text, blamed: blamed >= 0 && i === 0 })),
    above,
    below: texts.length - shared - shown.length,
    shared,
  };
}

/** How many frames at the outer end are the same and need not be told again; the first of them is, so that one sees where they meet. */
function sharedTail(texts: readonly string[], known: readonly string[]): number {
  let same = 0;
  while (same < texts.length && same < known.length && texts.at(-1 - same) === known.at(-1 - same)) same += 1;
  return same < 3 ? 0 : Math.min(same - 1, texts.length - 1);
}

/** `vexfs_lookup+0x10/0x40 [vexfs] fs/vexfs/dir.c:12 (inlined)`. */
export function frameText({ fn, offset, size, module, file, line, inlined }: Frame): string {
  const place = offset === undefined ? fn : `${fn}+${offset}${size === undefined ? '' : `/${size}`}`;
  return [
    place,
    module === undefined ? '' : `[${module}]`,
    file === undefined ? '' : `${file}${line === undefined ? '' : `:${line}`}`,
    inlined ? '(inlined)' : '',
  ]
    .filter((part) => part !== '')
    .join(' ');
}
