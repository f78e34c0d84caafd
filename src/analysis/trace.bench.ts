import type { VexfsEvent } from '../model/trace.ts';
import { FlightRecorder } from './flight.ts';
import { SlowOperations } from './slow-operation.ts';
import type { TraceEvent } from './trace-input.ts';
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
