import type { ReportLine } from '../model/report.ts';

/** How a report ends, when it says so itself or when it does not. */
export type EndStyle = 'trace' | 'rule' | 'lockdep' | 'dump' | 'stall' | 'oom' | 'block' | 'line';

/** By prefix of the first thing the header says; the first row that fits counts. */
const STYLE_OF_STATEMENT: readonly (readonly [prefix: string, style: EndStyle])[] = [
  ['kasan', 'rule'],
  ['kmsan', 'rule'],
  ['kcsan', 'rule'],
  ['kfence', 'rule'],
  ['ubsan', 'rule'],
  ['lockdep', 'lockdep'],
  ['old-', 'lockdep'],
  ['unlock-balance', 'lockdep'],
  ['held-lock', 'lockdep'],
  ['locks-held', 'lockdep'],
  ['lock-to-user', 'lockdep'],
  ['rcu-usage', 'lockdep'],
  ['wait-context', 'lockdep'],
  ['nested-lock', 'lockdep'],
  ['oom', 'oom'],
  ['fs-error', 'line'],
  ['xfs-error', 'line'],
  ['jfs-error', 'line'],
  ['gfs2-error', 'line'],
  ['mount-failed', 'line'],
  ['mount-refused', 'line'],
  ['root-mount', 'line'],
  ['io-error', 'line'],
  ['module-', 'line'],
  ['segfault', 'line'],
  ['nmi', 'line'],
  ['mce', 'block'],
  ['slub-failure', 'block'],
  ['netdevice', 'line'],
  ['vfs-', 'line'],
  ['rss-counter', 'line'],
  ['nr-p', 'line'],
  ['rcu-stall', 'stall'],
  ['soft-lockup', 'stall'],
  ['hard-lockup', 'stall'],
  ['task-', 'stall'],
  ['paging-request', 'trace'],
  ['null-deref', 'trace'],
  ['unable', 'trace'],
  ['gpf', 'trace'],
  ['bug-at', 'trace'],
  ['bug-list', 'trace'],
  ['bug-usercopy', 'trace'],
  ['bug-upper', 'trace'],
  ['warn-', 'trace'],
  ['stack-guard', 'trace'],
  ['stack-space', 'trace'],
  ['die', 'trace'],
  ['panic', 'trace'],
  ['divide', 'trace'],
  ['invalid-opcode', 'trace'],
  ['internal-error', 'trace'],
  ['int3', 'trace'],
  ['double-fault', 'trace'],
  ['stack-segment', 'trace'],
];

function endStyleOf(header: ReportLine): EndStyle {
  const said = header.says.map(({ says }) => says);
  for (const [prefix, style] of STYLE_OF_STATEMENT) if (said.some((says) => says.startsWith(prefix))) return style;
  return 'dump';
}

/** Lines behind the end marker that still belong to the report (x86 repeats the registers, lib/dump_stack.c adds the taint note). */
const TAIL = new Set([
  'rip',
  'rip-address',
  'rip-user',
  'code',
  'code-none',
  'stack-pointer',
  'registers',
  'register-row',
  'taint-note',
  'note-line',
  'kernel-offset',
  'panic-tail',
  'end-panic',
  'dumping',
  'blank',
  'crashed-cpu',
  'modules',
  'oom-reaper',
  'oom-killed',
]);

/** Lines of a stack. */
export const FRAMES: ReadonlySet<string> = new Set([
  'frame',
  'frame-inlined',
  'frame-placed',
  'frame-address',
  'arm-frame',
  'arm-frame-new',
]);

/**
 * Foreign lines in a row after which a report counts as ended, by style: before its stack was seen and after. Where the kernel prints
 * an end marker, the patience is for cut reports only.
 */
const PATIENCE: Readonly<Record<EndStyle, readonly [before: number, after: number]>> = {
  trace: [24, 12],
  rule: [60, 24],
  lockdep: [24, 3],
  dump: [24, 3],
  stall: [24, 6],
  oom: [60, 60],
  block: [0, 0],
  line: [0, 0],
};

/** Follows a report line by line and says when it is over. */
export class EndWatch {
  readonly style: EndStyle;
  #tail = false;
  #strangers = 0;
  #stacks = 0;
  #backtrace = false;

  constructor(header: ReportLine) {
    this.style = endStyleOf(header);
    // The kernel's last word on the matter, when the lines before it were lost.
    this.#tail = this.style === 'line' || header.kind === 'oom-killed';
  }

  /** The report is its header. */
  get single(): boolean {
    return this.style === 'line';
  }

  /** The end marker was seen; what may still come is known by its kind. */
  get ending(): boolean {
    return this.#tail;
  }

  /** The stack that it shows last has begun. A lockdep report shows those of earlier orders first; its own comes behind `stack backtrace:`. */
  get shown(): boolean {
    return this.#stacks > 0 && (this.style !== 'lockdep' || this.#backtrace);
  }

  /** True when `line` is no longer part of the report. */
  over(line: ReportLine): boolean {
    if (this.#tail) return !TAIL.has(line.kind) || this.style === 'line';
    if (line.kind === 'blank') return false;
    if (line.kind === 'other') return this.#stranger();
    this.#strangers = 0;
    this.#note(line);
    return false;
  }

  /** A panic or another echo goes on with the report. */
  reopen(): void {
    this.#tail = false;
    this.#stacks = 0;
  }

  #stranger(): boolean {
    this.#strangers++;
    const [before, after] = PATIENCE[this.style];
    return this.#strangers > (this.shown ? after : before);
  }

  #note(line: ReportLine): void {
    switch (line.kind) {
      case 'end-trace':
      case 'end-panic':
      // A notifier of panic (arch/*/kernel/setup.c dump_kernel_offset): the other CPUs have been stopped.
      case 'kernel-offset':
        this.#tail = true;
        break;
      case 'rule':
        if (this.style === 'rule') this.#tail = true;
        break;
      case 'oom-killed':
        if (this.style === 'oom') this.#tail = true;
        break;
      case 'stack-backtrace':
        this.#backtrace = true;
        this.#stacks = 0;
        break;
      default:
        if (FRAMES.has(line.kind)) this.#stacks++;
    }
  }
}
