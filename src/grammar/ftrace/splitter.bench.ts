import { FtraceSplitter } from './splitter.ts';
import { vexfsEvent } from './vexfs.ts';

/** Real lines, half of them the module's, one with a name that takes care. */
const SAMPLE = `\
         vexload-100     [000] .....     7.160868: op_begin: op=read sb=vexfs-0:24 ino=2 id=18724
         vexload-100     [000] .....     7.160877: lock_attempt: class=sbi.stats_lock mode=X lock=0xff19edc4c2953b88 ip=vexfs_count_bytes+0x1f/0x280 [vexfs]
            bash-1076    [001] .....  2699.472131: kmalloc: call_site=lsm_blob_alloc+0x3b/0x60 ptr=00000000fb8b79f6 bytes_req=11 bytes_alloc=16 gfp_flags=GFP_KERNEL_ACCOUNT|__GFP_ZERO node=-1 accounted=true
 npm view execa -1086    [001] d..2.  2699.473705: sched_switch: prev_comm=npm view execa  prev_pid=1086 prev_prio=120 prev_state=S ==> next_comm=swapper/1 next_pid=0 next_prio=120
         vexload-100     [000] ...1.     7.160879: mem_access: object=vexfs_sb_info addr=0xff19edc4c2953ba0 member=stats.bytes_read size=8 write=1 marked=0 ip=vexfs_count_bytes+0x18b/0x280 [vexfs]
          <idle>-0       [001] d.h3.  2699.474769: sched_waking: comm=npm view execa  pid=1086 prio=120 target_cpu=001
`;

export interface BenchResult {
  readonly lines: number;
  readonly linesPerSecond: number;
  readonly megabytesPerSecond: number;
}

/** Lines a second on one core, the module's events taken apart and other payloads left alone. The goal is 500 000. */
export function benchSplitter(seconds = 2): BenchResult {
  const chunk = Buffer.from(SAMPLE.repeat(70), 'latin1');
  const splitter = new FtraceSplitter();
  let lines = 0;
  let own = 0;
  const run = () =>
    splitter.push(chunk, (record) => {
      lines++;
      if (record.kind === 'event' && vexfsEvent(record) !== null) own++;
    });
  for (let i = 0; i < 50; i++) run();
  lines = 0;
  let bytes = 0;
  let spent = 0;
  const start = performance.now();
  while (spent < seconds) {
    run();
    bytes += chunk.length;
    spent = (performance.now() - start) / 1e3;
  }
  if (own === 0) throw new Error('the sample has no events of the module');
  return { lines, linesPerSecond: Math.round(lines / spent), megabytesPerSecond: Math.round(bytes / spent / 1e6) };
}
