import { CstParser } from 'chevrotain';
import { LazyLookahead } from './lazy-lookahead.ts';
import { TOKENS as T } from './tokens.ts';

/**
 * The grammar of kernel reports over recognised lines. Each family has a rule of its own, entered by the headline; a line that
 * a family does not know is skipped by Chevrotain's recovery, so that one strange or missing line costs itself only.
 */
export class ReportParser extends CstParser {
  /**
   * Without `recovers` the first error ends the parsing, which is half as much to prepare. Checking the grammar takes several times as
   * long as making the parser; a test does it.
   */
  constructor({ recovers = true, check = false } = {}) {
    super(T, {
      recoveryEnabled: recovers,
      nodeLocationTracking: 'none',
      maxLookahead: 1,
      skipValidations: !check,
      lookaheadStrategy: new LazyLookahead({ maxLookahead: 1 }),
    });
    this.performSelfAnalysis();
  }

  /** Oops, BUG, WARNING, panic, single lines: one CPU shows itself. */
  readonly oops = this.RULE('oops', () => {
    this.CONSUME(T.Headline);
    this.MANY(() => this.SUBRULE(this.common));
  });

  /** KASAN, KMSAN, KFENCE, KCSAN, UBSAN, slab and page reports, kmemleak: accesses, and who allocated and freed. */
  readonly memory = this.RULE('memory', () => {
    this.CONSUME(T.Headline);
    this.MANY(() =>
      this.OR([
        { ALT: () => this.SUBRULE(this.access) },
        { ALT: () => this.SUBRULE(this.allocated) },
        { ALT: () => this.SUBRULE(this.freed) },
        { ALT: () => this.SUBRULE(this.track) },
        { ALT: () => this.SUBRULE(this.leak) },
        { ALT: () => this.SUBRULE(this.common) },
      ]),
    );
  });

  /** Lockdep: who wants what while holding what, the chain of earlier orders, how it could end. */
  readonly lock = this.RULE('lock', () => {
    this.CONSUME(T.Headline);
    this.MANY(() =>
      this.OR([
        { ALT: () => this.SUBRULE(this.acquire) },
        { ALT: () => this.SUBRULE(this.irqLock) },
        { ALT: () => this.SUBRULE(this.chain) },
        { ALT: () => this.SUBRULE(this.usage) },
        { ALT: () => this.CONSUME(T.Dependency) },
        { ALT: () => this.CONSUME(T.Scenario) },
        { ALT: () => this.CONSUME(T.LockAt) },
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
        { ALT: () => this.SUBRULE(this.queue) },
        { ALT: () => this.SUBRULE(this.common) },
      ]),
    );
  });

  /** The OOM killer and failed allocations: a stack, memory counters, the table of tasks. */
  readonly oom = this.RULE('oom', () => {
    this.CONSUME(T.Headline);
    this.MANY(() =>
      this.OR([
        { ALT: () => this.SUBRULE(this.table) },
        { ALT: () => this.CONSUME(T.MemoryRow) },
        { ALT: () => this.SUBRULE(this.common) },
      ]),
    );
  });

  /** Test results in the kernel's log. */
  readonly ktap = this.RULE('ktap', () => {
    this.CONSUME(T.Headline);
    this.MANY(() => this.OR([{ ALT: () => this.CONSUME(T.KtapLine) }, { ALT: () => this.CONSUME(T.Note) }]));
  });

  /** What any report may hold. */
  readonly common = this.RULE('common', () => {
    this.OR([
      { ALT: () => this.SUBRULE(this.machine) },
      { ALT: () => this.SUBRULE(this.stack) },
      { ALT: () => this.SUBRULE(this.held) },
      { ALT: () => this.SUBRULE(this.origin) },
      { ALT: () => this.SUBRULE(this.pageStack) },
      { ALT: () => this.SUBRULE(this.place) },
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
      {
        ALT: () => {
          this.CONSUME(T.Backtrace);
          this.OPTION1(() => this.SUBRULE1(this.frames));
        },
      },
      { ALT: () => this.SUBRULE2(this.frames) },
    ]);
  });

  readonly frames = this.RULE('frames', () => {
    this.AT_LEAST_ONE(() => this.CONSUME(T.FrameLine));
  });

  /** Where a CPU stood, its registers, and what it says of the fault. */
  readonly machine = this.RULE('machine', () => {
    this.OR([
      { ALT: () => this.CONSUME(T.PointerLine) },
      { ALT: () => this.CONSUME(T.UserPointer) },
      { ALT: () => this.CONSUME(T.RegisterLine) },
      { ALT: () => this.CONSUME(T.CodeLine) },
      { ALT: () => this.CONSUME(T.PageTableLine) },
      { ALT: () => this.CONSUME(T.AbortLine) },
      { ALT: () => this.CONSUME(T.IrqLine) },
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

  /** Who had a page before: mm/page_owner.c. */
  readonly pageStack = this.RULE('pageStack', () => {
    this.CONSUME(T.PageStackTitle);
    this.OPTION(() => this.SUBRULE(this.frames));
  });

  /** A name that stands where a frame stands and is none: a variable, the owner of a stack slot or of a mapping. */
  readonly place = this.RULE('place', () => {
    this.CONSUME(T.PlaceTitle);
    this.OPTION(() => this.CONSUME(T.FrameLine));
  });

  readonly track = this.RULE('track', () => {
    this.CONSUME(T.TrackTitle);
    this.OPTION(() => this.SUBRULE(this.frames));
  });

  readonly leak = this.RULE('leak', () => {
    this.OR([{ ALT: () => this.CONSUME(T.LeakTitle) }, { ALT: () => this.CONSUME(T.BacktraceTitle) }]);
    this.OPTION(() => this.SUBRULE(this.frames));
  });

  /** Another CPU or task shows itself, up to the next one. */
  readonly other = this.RULE('other', () => {
    this.CONSUME(T.CpuTitle);
    this.MANY(() =>
      this.OR([
        { ALT: () => this.SUBRULE(this.machine) },
        { ALT: () => this.SUBRULE(this.stack) },
        { ALT: () => this.CONSUME(T.StackNoise) },
        { ALT: () => this.CONSUME(T.Note) },
      ]),
    );
  });

  /** A workqueue that has work, by pool. */
  readonly queue = this.RULE('queue', () => {
    this.CONSUME(T.QueueTitle);
    this.MANY(() => this.OR([{ ALT: () => this.CONSUME(T.PoolRow) }, { ALT: () => this.CONSUME(T.WorkRow) }]));
  });

  /** A lock behind the words that say what it is; of one that is released, the place only. */
  readonly acquire = this.RULE('acquire', () => {
    this.CONSUME(T.Acquire);
    this.OPTION(() => this.OR([{ ALT: () => this.CONSUME(T.LockAt) }, { ALT: () => this.CONSUME(T.FrameLine) }]));
  });

  readonly irqLock = this.RULE('irqLock', () => {
    this.CONSUME(T.IrqLock);
    this.OPTION(() => this.CONSUME(T.LockAt));
  });

  readonly chain = this.RULE('chain', () => {
    this.CONSUME(T.ChainTitle);
    this.OPTION(() => this.SUBRULE(this.frames));
  });

  /** How a lock class came to a usage: in an interrupt, with interrupts on, behind another lock. */
  readonly usage = this.RULE('usage', () => {
    this.OR([
      { ALT: () => this.CONSUME(T.UsageOf) },
      {
        ALT: () => {
          this.CONSUME(T.UsageTitle);
          this.OPTION(() => this.SUBRULE(this.frames));
        },
      },
    ]);
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

export type Family = 'oops' | 'memory' | 'lock' | 'stall' | 'oom' | 'ktap';
