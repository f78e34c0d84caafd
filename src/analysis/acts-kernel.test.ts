import { expect, test } from 'vitest';
import { FtraceSplitter, vexfsEvent } from '../grammar/ftrace/index.ts';
import { KernelActs } from './acts-kernel.ts';
import { analyserOf } from './testing.ts';
import { TextPool } from './text-pool.ts';

const analyse = analyserOf(() => new FtraceSplitter(), vexfsEvent);

const event = (name: string, payload: string, pid = 7) => ({
  ...{ time: 1, cpu: 0, pid, comm: 'cp', flags: '.....', name, payload },
});
const acts = (...events: ReturnType<typeof event>[]) => {
  const kernel = new KernelActs(new TextPool());
  return events.map((each) => kernel.act(each));
};

test.each([
  [
    'mutex_lock',
    '(mutex_lock+0x0/0x30) lock=0xffff888003489680 caller=ext4_get+0x1c/0x80 [ext4]',
    { step: 'attempt', mode: 'X', class: '0xffff888003489680', site: 'ext4_get+0x1c/0x80 [ext4]' },
  ],
  [
    'down_read',
    '(down_read+0x0/0x30) lock=0xff19edc4c2953b88',
    { step: 'attempt', mode: 'R', class: '0xff19edc4c2953b88', site: 'down_read+0x0/0x30' },
  ],
  [
    '_raw_spin_lock_irqsave',
    '(_raw_spin_lock_irqsave+0x0/0x30) lock=0x1000 caller=f+0x1/0x2',
    { step: 'instant', mode: 'X' },
  ],
  ['up_write', '(up_write+0x0/0x30) lock=0xffff888003489680', { step: 'release', mode: 'W' }],
  [
    'kmalloc',
    'call_site=f+0x1/0x2 ptr=0xffff888003489680 bytes_req=24 bytes_alloc=32 gfp_flags=GFP_NOFS|__GFP_ZERO node=-1',
    { kind: 'alloc', size: 32, what: 'f+0x1/0x2' },
  ],
  [
    'kmem_cache_free',
    'call_site=f+0x1/0x2 ptr=0xffff888003489680 name=ext4_inode_cache',
    { kind: 'free', what: 'ext4_inode_cache' },
  ],
  [
    'sched_waking',
    'comm=npm pid=1 a pid=12744 prio=120 target_cpu=000',
    { kind: 'edge', step: 'send', channel: 'task 12744', pid: 7 },
  ],
  [
    'sched_switch',
    'prev_comm=x next_pid=3 prev_pid=9 prev_prio=120 prev_state=S ==> next_comm=y next_pid=12744 next_prio=120',
    { kind: 'edge', step: 'receive', channel: 'task 12744', pid: 12744 },
  ],
  [
    'workqueue_queue_work',
    'work struct=00000000c1a3 function=f workqueue=events req_cpu=256 cpu=0',
    { step: 'send', channel: 'work 00000000c1a3' },
  ],
  [
    'workqueue_execute_start',
    'work struct 00000000c1a3: function f',
    { step: 'receive', channel: 'work 00000000c1a3' },
  ],
  [
    'timer_expire_entry',
    'timer=00000000ab01 function=f now=4294 baseclk=4294',
    { step: 'receive', channel: 'timer 00000000ab01' },
  ],
])('%s', (name, payload, expected) => {
  expect(acts(event(name, payload))[0]).toMatchObject(expected);
});

test.each([
  ['mutex_lock', 'no address'],
  ['kmalloc', 'call_site=f ptr=(null) bytes_req=1'],
  ['sched_waking', 'comm=x prio=120'],
  ['workqueue_queue_work', 'function=f'],
  ['something_else', 'lock=0x1000'],
])('%s: %s says nothing', (name, payload) => {
  expect(acts(event(name, payload))).toEqual([null]);
});

test('a return belongs to the entry of its task, and says whether it succeeded', () => {
  const lock = '(f+0x0/0x1) lock=0xffff888003489680';
  const after = (name: string, ret: string) => acts(event(name, lock), event(`${name}_ret`, ret))[1];
  expect(after('mutex_lock', '(g+0x1/0x2 <- mutex_lock)')).toMatchObject({
    step: 'acquired',
    class: '0xffff888003489680',
  });
  expect(after('mutex_trylock', '(g <- mutex_trylock) ret=0x1')).toMatchObject({ step: 'acquired', trylock: true });
  expect(after('mutex_trylock', '(g <- mutex_trylock) ret=0x0')).toMatchObject({ step: 'failed' });
  expect(after('down_read_killable', '(g <- f) ret=0x0')).toMatchObject({ step: 'acquired', mode: 'R' });
  expect(after('down_read_killable', '(g <- f) ret=0xfffffffc')).toMatchObject({ step: 'failed' });
  expect(acts(event('mutex_lock', lock, 7), event('mutex_lock_ret', '', 8))[1]).toBeNull();
});

/** `p:` events of a module without events of its own, as 6.1 prints them. */
test('lock order of a module without events, by kprobes', () => {
  let time = 5;
  const line = (pid: number, name: string, lock: string) => {
    time += 1e-4;
    const at = `${name}: (${name.replace('_ret', '')}+0x0/0x30)`;
    return `              cp-${pid}       [00${pid % 2}] .....  ${time.toFixed(6)}: ${at} lock=0xffff8880034896${lock} caller=ext4_${pid}+0x1/0x2 [ext4]`;
  };
  const both = (pid: number, outer: string, inner: string) => [
    ...[outer, inner].flatMap((lock) => [line(pid, 'mutex_lock', lock), line(pid, 'mutex_lock_ret', lock)]),
    ...[inner, outer].map((lock) => line(pid, 'mutex_unlock', lock)),
  ];
  const { told, summary } = analyse(Buffer.from(`${[...both(10, '80', '40'), ...both(11, '40', '80')].join('\n')}\n`));
  expect(told).toEqual(['order 0xffff888003489640 0xffff888003489680']);
  expect(summary).toMatchObject({ lockPairs: 4, lockClasses: 2 });
});
