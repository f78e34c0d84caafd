import type { Finding } from '../model/event.ts';
import type { Frame } from '../model/stack.ts';
import { words } from './words.ts';

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
  alloc: 'allocated',
  free: 'freed',
  'page-alloc': 'page allocated',
  'page-free': 'page freed',
  origin: 'origin',
  'lock-chain': 'lock chain',
  'lock-usage': 'lock usage',
  trap: 'call trace',
  task: 'call trace',
};

/** The stacks of a finding, each from the blamed frame on, or from the first one of its module. Frames that the unwinder doubts are left out. */
export function stackRows(finding: Finding): readonly StackRows[] {
  const { stacks } = finding;
  const first = sureFrames(stacks[0]).map(frameText);
  return stacks.slice(0, MAX_STACKS).map((stack, i) => rowsOf(stack, titleOf(stack), finding, i === 0 ? [] : first));
}

/** `freed by cp/88 on CPU 1`, `lock chain, inode.extent_sem`. */
function titleOf({ role, about, comm, pid, cpu }: Stack): string {
  const owner = words` by ${comm}/${pid}` ?? words` by ${comm}` ?? words` by pid ${pid}` ?? '';
  return `${TITLES[role] ?? role}${words`, ${about}` ?? ''}${owner}${words` on CPU ${cpu}` ?? ''}`;
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
