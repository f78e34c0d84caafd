import { readFileSync } from 'node:fs';
import { FtraceSplitter } from './splitter.ts';
import { vexfsEvent } from './vexfs.ts';

/**
 * Lines a second on one core, payloads left alone and every fourth line one of the module's. Run: `node src/grammar/ftrace/splitter.bench.ts`
 * with a Node that strips types, or through the project's bench script.
 */
export function benchSplitter(seconds = 2): { lines: number; linesPerSecond: number; megabytesPerSecond: number } {
  const sample = readFileSync(new URL('../../../fixtures/ftrace/6.18/trace_pipe.txt', import.meta.url));
  const own =
    '    vexfs-stress-321     [001] .....    25.188288: lock_attempt: class=inode.vec_sem mode=W lock=0xffff888003a1b2c8 ip=vexfs_vector_add+0x3f/0x2c0 [vexfs]\n';
  const chunk = Buffer.from(
    sample
      .toString('latin1')
      .trimEnd()
      .split('\n')
      .map((line, i) => (i % 3 === 2 ? `${line}\n${own}` : `${line}\n`))
      .join(''),
    'latin1',
  );
  const splitter = new FtraceSplitter();
  let lines = 0;
  let locks = 0;
  const run = () =>
    splitter.push(chunk, (record) => {
      lines++;
      if (record.kind === 'event' && vexfsEvent(record) !== null) locks++;
    });
  for (let i = 0; i < 50; i++) run();
  lines = 0;
  let bytes = 0;
  const start = process.hrtime.bigint();
  let spent = 0;
  while (spent < seconds) {
    run();
    bytes += chunk.length;
    spent = Number(process.hrtime.bigint() - start) / 1e9;
  }
  if (locks === 0) throw new Error('the sample has no events of the module');
  return { lines, linesPerSecond: Math.round(lines / spent), megabytesPerSecond: Math.round(bytes / spent / 1e6) };
}
