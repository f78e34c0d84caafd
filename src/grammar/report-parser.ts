import { CstParser } from 'chevrotain';
import { TOKENS as T } from './tokens.ts';

/**
 * The grammar of kernel reports over recognised lines. Each family has a rule of its own, entered by the headline; a line that
 * a family does not know is skipped by Chevrotain's recovery, so that one strange or missing line costs itself only.
 */
export class ReportParser extends CstParser {
  /** Checking the grammar takes several times as long as making the parser; a test does it. */
  constructor(check = false) {
    super(T, { recoveryEnabled: true, nodeLocationTracking: 'none', maxLookahead: 1, skipValidations: !check });
    this.performSelfAnalysis();
  }

  /** Oops, BUG, WARNING, panic: one CPU shows itself. */
  readonly oops = this.RULE('oops', () => {
    this.CONSUME(T.Headline);
    this.MANY(() => this.OR([{ ALT: () => this.SUBRULE(this.machine) }, { ALT: () => this.SUBRULE(this.common) }]));
  });

  /** KASAN, KMSAN, KFENCE, KCSAN, UBSAN, slab and page reports, kmemleak: accesses, and who allocated and freed. */
  readonly memory = this.RULE('memory', () => {
    this.CONSUME(T.Headline);
    this.MANY(() =>
      this.OR([
        { ALT: () => this.SUBRULE(this.access) },
        { ALT: () => this.SUBRULE(this.allocated) },
        { ALT: () => this.SUBRULE(this.freed) },
        { ALT: () => this.SUBRULE(this.origin) },
        { ALT: () => this.SUBRULE(this.track) },
        { ALT: () => this.SUBRULE(this.leak) },
        { ALT: () => this.SUBRULE(this.machine) },
        { ALT: () => this.SUBRULE(this.common) },
      ]),
    );
  });

  /** Lockdep: who wants what while holding what, and the chain of earlier orders. */
  readonly lock = this.RULE('lock', () => {
    this.CONSUME(T.Headline);
    this.MANY(() =>
      this.OR([
        { ALT: () => this.SUBRULE(this.acquire) },
        { ALT: () => this.SUBRULE(this.chain) },
        { ALT: () => this.SUBRULE(this.machine) },
        { ALT: () => this.SUBRULE(this.common) },
      ]),
    );
  });

  /** Stalls, lockups and hung tasks: several CPUs or tasks show themselves. */
  readonly stall = this.RULE('stall', () => {
    this.CONSUME(T.Headline);
    this.MANY(() =>
      this.OR([
        { ALT: () => this.SUBRULE(this.other) },
        { ALT: () => this.SUBRULE(this.machine) },
        { ALT: () => this.SUBRULE(this.common) },
      ]),
    );
  });

  /** The OOM killer: a stack, memory counters, the table of tasks. */
  readonly oom = this.RULE('oom', () => {
    this.CONSUME(T.Headline);
    this.MANY(() =>
      this.OR([
        { ALT: () => this.SUBRULE(this.table) },
        { ALT: () => this.SUBRULE(this.machine) },
        { ALT: () => this.SUBRULE(this.common) },
      ]),
    );
  });

  /** What any report may hold. */
  readonly common = this.RULE('common', () => {
    this.OR([
      { ALT: () => this.SUBRULE(this.stack) },
      { ALT: () => this.SUBRULE(this.held) },
      { ALT: () => this.CONSUME(T.Note) },
      { ALT: () => this.CONSUME(T.PageTitle) },
      { ALT: () => this.CONSUME(T.StackNoise) },
    ]);
  });

  readonly stack = this.RULE('stack', () => {
    this.OR([
      {
        ALT: () => {
          this.CONSUME(T.StackTitle);
          this.OPTION(() => this.SUBRULE(this.frames));
        },
      },
      { ALT: () => this.SUBRULE1(this.frames) },
    ]);
  });

  readonly frames = this.RULE('frames', () => {
    this.AT_LEAST_ONE(() => this.CONSUME(T.FrameLine));
  });

  /** Where a CPU stood, and its registers. */
  readonly machine = this.RULE('machine', () => {
    this.OR([
      { ALT: () => this.CONSUME(T.PointerLine) },
      { ALT: () => this.CONSUME(T.UserPointer) },
      { ALT: () => this.CONSUME(T.RegisterLine) },
    ]);
  });

  readonly access = this.RULE('access', () => {
    this.CONSUME(T.AccessTitle);
    this.OPTION(() => this.SUBRULE(this.frames));
  });

  readonly allocated = this.RULE('allocated', () => {
    this.CONSUME(T.AllocTitle);
    this.OPTION(() => this.SUBRULE(this.frames));
  });

  readonly freed = this.RULE('freed', () => {
    this.CONSUME(T.FreeTitle);
    this.OPTION(() => this.SUBRULE(this.frames));
  });

  readonly origin = this.RULE('origin', () => {
    this.CONSUME(T.OriginTitle);
    this.OPTION(() => this.SUBRULE(this.frames));
  });

  readonly track = this.RULE('track', () => {
    this.CONSUME(T.TrackTitle);
    this.OPTION(() => this.SUBRULE(this.frames));
  });

  readonly leak = this.RULE('leak', () => {
    this.OR([{ ALT: () => this.CONSUME(T.LeakTitle) }, { ALT: () => this.CONSUME(T.BacktraceTitle) }]);
    this.OPTION(() => this.SUBRULE(this.frames));
  });

  readonly other = this.RULE('other', () => {
    this.CONSUME(T.CpuTitle);
    this.MANY(() => this.OR([{ ALT: () => this.SUBRULE(this.machine) }, { ALT: () => this.SUBRULE(this.stack) }]));
  });

  readonly acquire = this.RULE('acquire', () => {
    this.CONSUME(T.Acquire);
    this.OPTION(() => this.CONSUME(T.LockAt));
  });

  readonly chain = this.RULE('chain', () => {
    this.CONSUME(T.ChainTitle);
    this.OPTION(() => this.SUBRULE(this.frames));
  });

  readonly held = this.RULE('held', () => {
    this.CONSUME(T.HeldTitle);
    this.MANY(() => this.CONSUME(T.HeldRow));
  });

  readonly table = this.RULE('table', () => {
    this.CONSUME(T.TableTitle);
    this.MANY(() => this.CONSUME(T.TableRow));
  });
}

export type Family = 'oops' | 'memory' | 'lock' | 'stall' | 'oom';
