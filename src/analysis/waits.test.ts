import { describe, expect, test } from 'vitest';
import { FtraceSplitter, vexfsEvent } from '../grammar/ftrace/index.ts';
import { Waits } from './waits.ts';

/** `pid time event`, and `=> frame` behind a sleep, as text of the tracer; `gap` where events were lost. */
function waitsOf(script: string): Waits {
  const waits = new Waits();
  const splitter = new FtraceSplitter();
  for (const line of script.trim().split('\n')) {
    const [pid = '', time = '', ...event] = line.trim().split(' ');
    if (pid === 'gap') waits.gap();
    const head = `${`t${pid}`.padStart(16)}-${pid.padEnd(7)} [000] d..2.  ${Number(time).toFixed(6)}: `;
    const [first = '', ...frames] = event.join(' ').split(' => ');
    const text =
      frames.length === 0
        ? `${head}${event.join(' ')}\n`
        : `${head}${first}\n${head}<stack trace>\n => ${frames.join('\n => ')}\n`;
    if (pid === 'gap') continue;
    const each: Parameters<typeof splitter.push>[1] = (record) => {
      if (record.kind === 'event') waits.record(record, vexfsEvent(record));
      else if (record.kind === 'stack') waits.stack(record.event, record.frames);
    };
    splitter.push(Buffer.from(text), each);
    splitter.flush(each);
  }
  return waits;
}

const op = (verb: 'begin' | 'end', rest = '') => `op_${verb}: op=write sb=vexfs ino=7 id=1${rest}`;
const lock = (verb: string, name = 'a') =>
  `lock_${verb}: class=${name} mode=X lock=0xffff888000000001 ip=f+0x1/0x2 [vexfs]`;
const sleep = (comm = 't7', state = 'D', frames = '') =>
  `sched_switch: prev_comm=${comm} prev_pid=7 prev_prio=120 prev_state=${state} ==> next_comm=x next_pid=9 next_prio=120${frames}`;
const MSLEEP =
  ' => __traceiter_sched_switch => __schedule => schedule => schedule_timeout => msleep => f [vexfs] => vfs_write';

const ASLEEP = { for: 'sleep', name: 'msleep', times: 1, heldBy: null, stack: ['msleep', 'f [vexfs]', 'vfs_write'] };

describe('what an operation waits for', () => {
  test.each([
    [
      'a sleep that is over',
      `7 1 ${op('begin')}\n7 1.1 ${sleep('t7', 'D', MSLEEP)}\n7 2.1 ${op('end')}`,
      [{ ...ASLEEP, ms: 1000 }],
    ],
    [
      'one that goes on',
      `7 1 ${op('begin')}\n7 1.5 ${sleep('t7', 'D', MSLEEP)}\n8 2 other: x`,
      [{ ...ASLEEP, ms: 1500 }],
    ],
    ['one without a stack', `7 1 ${op('begin')}\n7 2 ${sleep()}`, [{ ...ASLEEP, name: 'sleep', ms: 1000, stack: [] }]],
    ['being moved to another CPU is none', `7 1 ${op('begin')}\n7 2 ${sleep('t7', 'R+', MSLEEP)}`, []],
    ['nor is what a name says', `7 1 ${op('begin')}\n7 2 ${sleep('prev_state=D', 'S')}`, []],
    [
      'a lock, the sleep for it with it, and who holds it',
      `8 0.1 ${op('begin').replace('write', 'sync')}\n8 0.2 ${lock('acquired')}\n7 1 ${op('begin')}\n7 1.1 ${lock('attempt')}
       7 1.2 ${sleep('t7', 'D', MSLEEP)}\n7 2 ${lock('acquired')}\n7 2.1 ${lock('release')}`,
      [{ for: 'lock', name: 'a', ms: 900, times: 1, heldBy: { pid: 8, comm: 't8', op: 'sync' }, stack: ASLEEP.stack }],
    ],
    [
      'a lock that it still waits for',
      `7 1 ${op('begin')}\n7 2 ${lock('attempt')}`,
      [{ for: 'lock', name: 'a', ms: 1000, heldBy: null }],
    ],
    [
      'the longest first',
      `7 1 ${op('begin')}\n7 1.1 ${lock('attempt', 'b')}\n7 1.2 ${lock('acquired', 'b')}\n7 1.3 ${sleep()}\n7 2 ${lock('attempt', 'b')}\n7 2.1 ${lock('acquired', 'b')}`,
      [
        { for: 'sleep', ms: 700, times: 1 },
        { for: 'lock', name: 'b', ms: 200, longestMs: 100, times: 2 },
      ],
    ],
    ['each operation begins anew', `7 1 ${op('begin')}\n7 1.1 ${sleep()}\n7 1.2 ${op('end')}\n7 2 ${op('begin')}`, []],
    ['across a loss nothing is known', `7 1 ${op('begin')}\n7 1.1 ${sleep()}\ngap\n7 2 ${op('end')}`, []],
  ])('%s', (_name, script, expected) => {
    expect(waitsOf(script).of(7, 3)).toMatchObject(expected);
    expect(waitsOf(script).of(7, 3)).toHaveLength(expected.length);
    expect(waitsOf(script).of(99, 3)).toEqual([]);
  });

  test('many things are one in the end, and memory is bounded', () => {
    const many = Array.from(
      { length: 200 },
      (_, i) => `7 ${1 + i} ${lock('attempt', `l${i}`)}\n7 ${1.5 + i} ${lock('acquired', `l${i}`)}`,
    );
    const waits = waitsOf(`7 1 ${op('begin')}\n${many.join('\n')}`).of(7, 300);
    expect(waits[0]).toMatchObject({ for: 'lock', name: 'others', times: 184 });
    expect(waits.length).toBeLessThanOrEqual(4);
  });
});
