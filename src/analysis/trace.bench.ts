import type { Act, VexfsEvent } from '../model/trace.ts';
import { vexfsAct } from './acts-vexfs.ts';
import { FlightRecorder } from './flight.ts';
import { SlowOperations } from './slow-operation.ts';
import { TextPool } from './text-pool.ts';
import { TraceAnalysis } from './trace-analysis.ts';
import type { TraceEvent } from './trace-input.ts';
import { TraceOrder } from './trace-order.ts';
import { WaitCycles } from './wait-cycle.ts';

/** Records a second that the three analyses take together, all of them the module's: operations with a lock each. */
export function benchTraceAnalyses(seconds = 2): { readonly records: number; readonly recordsPerSecond: number } {
  const analyses = [new FlightRecorder(), new SlowOperations(), new WaitCycles()];
  let records = 0;
  const one = (name: string, module: VexfsEvent) => {
    const pid = 100 + (records % 8);
    const event: TraceEvent = {
      time: records / 1e5,
      cpu: records % 2,
      pid,
      comm: 'vexload',
      flags: '.....',
      name,
      payload: `class=sbi.stats_lock mode=X lock=0xff19edc4c2953b88 ip=vexfs_op_end+0x39/0x310 [vexfs] ${records}`,
    };
    for (const analysis of analyses) analysis.record(event, module);
    records++;
  };
  const lock = {
    class: 'sbi.stats_lock',
    mode: 'X',
    lock: '0xff19edc4c2953b88',
    ip: 'vexfs_op_end+0x39/0x310 [vexfs]',
  };
  const operation = { op: 'read', sb: 'vexfs-0:24', ino: '2' };
  let spent = 0;
  const start = performance.now();
  while (spent < seconds) {
    for (let i = 0; i < 1000; i++) {
      const id = String(records);
      one('op_begin', { kind: 'op-begin', ...operation, id });
      one('lock_attempt', { kind: 'lock-attempt', ...lock });
      one('lock_acquired', { kind: 'lock-acquired', ...lock });
      one('lock_release', { kind: 'lock-release', ...lock });
      one('op_end', { kind: 'op-end', ...operation, id, ret: 0, ns: 1500 });
    }
    spent = (performance.now() - start) / 1e3;
  }
  return { records, recordsPerSecond: Math.round(records / spent) };
}

/**
 * Records a second of the analyses of locks and races, and what they hold at the end: operations of eight tasks on two CPUs, each with
 * three locks, accesses under them, and an object that comes and goes. With `records` a trace of that length.
 */
export function benchVerdicts(records: number): {
  readonly records: number;
  readonly recordsPerSecond: number;
  readonly megabytes: number;
} {
  const analysis = new TraceAnalysis();
  const texts = new TextPool();
  let found = 0;
  const order = new TraceOrder<Act>({
    onItem: (act) => {
      found += analysis.act(act).length;
    },
    onGap: (gap, ends) => analysis.gap(gap, ends),
    onDisorder: (cpu) => analysis.gap({ cpu, lost: null }),
  });
  let count = 0;
  const one = (pid: number, flags: string, module: VexfsEvent) => {
    const time = count++ / 2e5;
    const act = vexfsAct({ time, cpu: pid % 2, pid, comm: 'vexload', flags, name: '', payload: '' }, module, texts);
    if (act !== null) order.push(act.cpu, act.time, act);
  };
  const before = heap();
  const start = performance.now();
  while (count < records) operation(one, count);
  order.flush();
  const seconds = (performance.now() - start) / 1e3;
  if (found > 0) throw new Error('the trace of the benchmark is clean');
  return { records: count, recordsPerSecond: Math.round(count / seconds), megabytes: heap() - before };
}

function operation(one: (pid: number, flags: string, module: VexfsEvent) => void, count: number): void {
  const pid = 100 + (count % 8);
  const object = 0x10000 + (count % 50_000) * 64;
  const ino = String(object);
  one(pid, '.....', { kind: 'op-begin', op: 'write', sb: 'vexfs-0:23', ino, id: '1' });
  const base = `0xff19edc4${object.toString(16).padStart(8, '0')}`;
  one(pid, '.....', { kind: 'alloc', what: 'xattr', ptr: base, size: 64 });
  for (const [name, lock, address] of [
    ['sbi.stats_lock', '0xff19edc4ffeaeb88', '0xff19edc4ffeaeb90'],
    ['sbi.space_lock', '0xff19edc4ffeaeb5c', '0xff19edc4ffeaeb68'],
    ['inode.vec_sem', base, `${base.slice(0, -1)}8`],
  ] as const) {
    const held = { class: name, mode: 'X', lock, ip: `vexfs_${name}+0x1c/0x310 [vexfs]` };
    one(pid, '.....', { kind: 'lock-attempt', ...held });
    one(pid, '...1.', { kind: 'lock-acquired', ...held });
    one(pid, '...1.', {
      ...{ kind: 'mem-access', object: 'vexfs_sb_info', addr: address, member: name, size: 8, write: true },
      ...{ marked: false, ip: `vexfs_${name}+0x4b/0x310 [vexfs]` },
    } as VexfsEvent);
    one(pid, '...1.', { kind: 'lock-release', ...held });
  }
  one(pid, '.....', { kind: 'free', what: 'xattr', ptr: base });
  one(pid, '.....', { kind: 'op-end', op: 'write', sb: 'vexfs-0:23', ino, id: '1', ret: 0, ns: 1500 });
}

function heap(): number {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed / 1e6;
}
