import { describe, expect, test } from 'vitest';
import { TraceReader, type TraceRecord } from './index.ts';

function read(text: string): TraceRecord[] {
  const reader = new TraceReader();
  const records: TraceRecord[] = [];
  reader.push(Buffer.from(text), (record) => records.push(record));
  reader.flush((record) => records.push(record));
  return records.filter((record) => record.kind !== 'header');
}

describe('function_graph', () => {
  // kernel/trace/trace_functions_graph.c; 6.1 and, with values and arguments, 6.15.
  test.each<[string, object]>([
    [
      ' 1)               |  vfs_write() {',
      { what: 'enter', cpu: 1, depth: 0, name: 'vfs_write', micros: null, time: null },
    ],
    [' 1) ! 102.111 us  |    irq_enter_rcu();', { what: 'leaf', depth: 1, name: 'irq_enter_rcu', micros: 102.111 }],
    [' 1) + 10.085 us   |        }', { what: 'exit', depth: 3, name: '', micros: 10.085 }],
    [
      '   16.125442 |   1)    gcat-111    | + 10.085 us   |        } /* ktime_get_update_offsets_now */',
      { what: 'exit', time: 16.125442, comm: 'gcat', pid: 111, name: 'ktime_get_update_offsets_now' },
    ],
    [
      '   16.125442 |   1)    gcat-111    |  d.h2. |   1.869 us    |        _raw_spin_lock_irqsave();',
      { what: 'leaf', flags: 'd.h2.', comm: 'gcat', micros: 1.869, depth: 3 },
    ],
    [' 0)   a-1 |-7      |   0.1 us    |  f();', { what: 'leaf', comm: 'a-1 |', pid: 7, name: 'f' }],
    [' 0)               |  vexfs_write [vexfs]() {', { what: 'enter', name: 'vexfs_write [vexfs]' }],
    [' 0)   0.291 us    |  f(); /* = 0x0 */', { what: 'leaf', name: 'f', detail: '= 0x0' }],
    [
      ' 0)               |  ksys_read(fd=3, count=5) {',
      { what: 'enter', name: 'ksys_read', detail: '(fd=3, count=5)' },
    ],
    [
      ' 0)               |    /* sched_waking: comm=x pid=1 */',
      { what: 'comment', detail: 'sched_waking: comm=x pid=1' },
    ],
    [' 0)   ==========> |', { what: 'irq-begin', cpu: 0 }],
    [' 0)   <========== |', { what: 'irq-end' }],
    [' 1)    gcat-111    =>    <idle>-0   ', { what: 'switch', cpu: 1, comm: '<idle>', pid: 0 }],
  ])('%s', (line, expected) => {
    expect(read(`${line}\n`)).toMatchObject([{ kind: 'graph', ...expected }]);
  });
  test('trace-cmd prints its calls as events', () => {
    expect(
      read(
        'cpus=2\n       trace-cmd-242   [001]    79.723349: funcgraph_entry:        4.236 us   |    _raw_spin_unlock();\n       trace-cmd-242   [001]    79.723360: funcgraph_exit:       + 30.797 us  |  }\n',
      ),
    ).toMatchObject([
      { kind: 'graph', what: 'leaf', comm: 'trace-cmd', pid: 242, time: 79.723349, micros: 4.236, depth: 1 },
      { kind: 'graph', what: 'exit', micros: 30.797, depth: 0 },
    ]);
  });
});

describe('latency format', () => {
  test.each<[string, object]>([
    [
      'kworker/-11        0d..5. 1060191205us+: sched_waking: comm=tokio pid=67',
      { comm: 'kworker/', pid: 11, cpu: 0, flags: 'd..5.', time: 1060.191205, name: 'sched_waking' },
    ],
    [
      '    <idle>-0       0d.s2    0us+: _raw_spin_lock_irq <-run_timer_softirq',
      { comm: '<idle>', time: 0, name: 'function' },
    ],
    [
      'stress-n-143     0d.h1.    24.249142: sched_stat_runtime:   comm=x',
      { comm: 'stress-n', time: 24.249142, flags: 'd.h1.' },
    ],
    ['a-1 [0]-7       12d..2. 5us : x: y=1', { comm: 'a-1 [0]', pid: 7, cpu: 12 }],
  ])('%s', (line, expected) => {
    const [record] = read(`${line}\n`);
    expect(record).toMatchObject({
      kind: 'event',
      ...expected,
      ...('time' in expected && { time: expect.closeTo(expected.time as number, 6) }),
    });
  });
});

describe('perf script', () => {
  test.each<[string, object]>([
    [
      'perf   277 [000]   160.872705:          kmem:kmalloc: call_site=f+0x1b ptr=0xff',
      { comm: 'perf', pid: 277, cpu: 0, time: 160.872705, name: 'kmalloc', payload: 'call_site=f+0x1b ptr=0xff' },
    ],
    [':296   296 [001]     5.000000001:   lock:contention_end: 0xff (ret=0)', { comm: ':296', stamp: '5.000000001' }],
    [
      'Web Content 12/34 [002]  5.000001:     250000 cycles:ppp: ',
      { comm: 'Web Content', tgid: 12, pid: 34, name: 'cycles', payload: 'period=250000' },
    ],
    [
      'x 7 [000] 1.5: -  12 [003]  2.000000:   sched:wake: c',
      { comm: 'x 7 [000] 1.5: -', pid: 12, cpu: 3, name: 'wake' },
    ],
  ])('%s', (line, expected) => {
    expect(read(`${line}\n`)).toMatchObject([{ kind: 'event', ...expected }]);
  });
  test('frames, the innermost first', () => {
    const [, stack] = read(
      'x 1 [000] 1.000000: a:b: c\n\tffffffffa3aa92c7 __kmalloc_node+0xa7 ([kernel.kallsyms])\n\t           ee137 sched_setaffinity+0x7 (/lib/libc (1).so (deleted))\n\t          146f2c [unknown] (/usr/bin/perf)\n\n',
    );
    expect(stack).toMatchObject({
      kind: 'stack',
      space: 'kernel',
      frames: ['__kmalloc_node+0xa7', 'sched_setaffinity+0x7', '0x146f2c'],
    });
  });
});

describe('histograms', () => {
  const histogram = (trigger: string, ...rows: string[]) =>
    read(
      `# event histogram\n#\n# trigger info: hist:keys=${trigger}:size=256 [active]\n#\n\n${rows.join('\n')}\n\nTotals:\n    Hits: 9\n    Entries: 2\n    Dropped: 3\n`,
    );
  test.each<[string, string, readonly object[], object]>([
    [
      'bytes_req.log2:vals=hitcount',
      '{ bytes_req: ~ 2^11 } hitcount:          6',
      [{ form: 'log2', power: 11 }],
      { hitcount: 6 },
    ],
    [
      'bytes_req.buckets=64',
      '{ bytes_req: ~ 64-127 } hitcount: 1',
      [{ form: 'range', from: 64, to: 127 }],
      { hitcount: 1 },
    ],
    [
      'pid,lat.log2',
      '{ pid:         53, lat: ~ 2^6  } hitcount: 1',
      [
        { form: 'number', value: 53 },
        { form: 'log2', power: 6 },
      ],
      { hitcount: 1 },
    ],
    [
      'call_site.sym',
      '{ call_site: [ffffffffc0580083] vexfs_write                  [vexfs] } hitcount:         46  bytes_req:     188416',
      [{ form: 'symbol', address: 'ffffffffc0580083' }],
      { hitcount: 46, bytes_req: 188416 },
    ],
    [
      'id.syscall,common_pid.execname',
      '{ id: sys_write                     [  1], common_pid: a, id: } [ 2]    [       126] } hitcount:      11982',
      [
        { form: 'named', text: 'sys_write', value: 1 },
        { form: 'named', text: 'a, id: } [ 2]', value: 126 },
      ],
      { hitcount: 11982 },
    ],
    [
      'newcomm',
      '{ newcomm: caf\u00e9 x          } hitcount: 2',
      [{ form: 'text', text: 'caf\u00e9 x' }],
      { hitcount: 2 },
    ],
    ['a', '{ a: 1 } hitcount (%):  12.50  b: ####', [{ form: 'number' }], {}],
  ])('%s: %s', (trigger, row, keys, values) => {
    const [entry] = histogram(trigger, row);
    expect(entry).toMatchObject({ kind: 'histogram', keys, values });
  });
  test('stacks, and the end', () => {
    expect(
      histogram(
        'common_stacktrace',
        '{ common_stacktrace:',
        '         f+0x75/0x160',
        '         g+0x4b/0x80',
        '} hitcount:          1  bytes_req:        112',
      ),
    ).toMatchObject([
      {
        kind: 'histogram',
        keys: [{ form: 'stack', frames: ['f+0x75/0x160', 'g+0x4b/0x80'] }],
        values: { hitcount: 1, bytes_req: 112 },
      },
      { kind: 'histogram-totals', hits: 9, entries: 2, dropped: 3 },
    ]);
  });
});

describe('perf lock', () => {
  test('contention by caller with stacks, and what follows the table', () => {
    expect(
      read(` contended   total wait     max wait     avg wait         type   caller

         1      7.82 ms      7.82 ms    500 ns        mutex   ksys_write+0xb7
\t\t\t0xffffffffa42131cf  __mutex_lock.constprop.0+0x12f
\t\t\t0x7fa3c3e9a350\u0020\u0020

=== output for debug===
`),
    ).toMatchObject([
      {
        kind: 'contention',
        contended: 1,
        totalWait: 7_820_000,
        avgWait: 500,
        type: 'mutex',
        caller: 'ksys_write+0xb7',
        stack: ['__mutex_lock.constprop.0+0x12f', '0x7fa3c3e9a350'],
      },
      { kind: 'text' },
    ]);
  });
  test('by task, and the report of all locks', () => {
    expect(
      read(
        ' contended   total wait     max wait     avg wait          pid   comm\n\n         1      2.97 ms      2.97 ms      2.97 ms          296   npm view execa \n',
      ),
    ).toMatchObject([{ pid: 296, caller: 'npm view execa' }]);
    expect(
      read(
        '                Name   acquired  contended     avg wait   total wait     max wait     min wait \n\n       my lock (a) 3          2          1      5.40 ms     10.79 ms      7.82 ms      2.97 us \n',
      ),
    ).toMatchObject([{ caller: 'my lock (a) 3', acquired: 2, contended: 1, totalWait: 10_790_000, minWait: 2970 }]);
  });
});

describe('lock_stat', () => {
  // The layout of Documentation/locking/lockstat.rst, version 0.4.
  const text = `lock_stat version 0.4
-----------------------------------------------------------------------------------------------------------------------------------------------------------------------------
                              class name    con-bounces    contentions   waittime-min   waittime-max waittime-total   waittime-avg    acq-bounces   acquisitions   holdtime-min   holdtime-max holdtime-total   holdtime-avg
-----------------------------------------------------------------------------------------------------------------------------------------------------------------------------

                        &mm->mmap_lock-W:            46             84           0.26         939.10       16371.53         194.90          47291        2922365           0.16     2220301.69 17464026916.32        5975.99
                        &mm->mmap_lock-R:            37            100           1.31      299502.61      325629.52        3256.30         212344       34316685           0.10        7744.91    95016910.20           2.77
                          --------------
                          &mm->mmap_lock             96          [<ffffffff815351c4>] __do_page_fault+0x1d4/0x510
                          --------------
                          &mm->mmap_lock              3          [<ffffffff81117f49>] vm_munmap+0x41/0x80

.............................................................................................................................................................................................................................

                       sb: a 1 2: b/1:             0              0           0.00           0.00           0.00           0.00              1              2           0.30           0.50           0.80           0.40
`;
  test('classes with where they wait', () => {
    expect(read(text)).toMatchObject([
      {
        kind: 'lock-class',
        name: '&mm->mmap_lock',
        mode: 'W',
        contentions: 84,
        wait: { min: 0.26, total: 16371.53 },
        acquisitions: 2922365,
        hold: { max: 2220301.69 },
        stale: false,
      },
      {
        mode: 'R',
        waiters: [{ count: 96, symbol: '__do_page_fault+0x1d4/0x510' }],
        holders: [{ count: 3, symbol: 'vm_munmap+0x41/0x80' }],
      },
      { name: 'sb: a 1 2: b/1', mode: '', acquisitions: 2, waiters: [] },
    ]);
  });
  test('numbers of when lock debugging was on', () => {
    expect(
      read(
        text.replace('\n---', '\n*WARNING* lock debugging disabled!! - possibly due to a lockdep warning\n\n---'),
      )[0],
    ).toMatchObject({ stale: true });
  });
});

test('the deepest stack', () => {
  expect(
    read(`        Depth    Size   Location    (18 entries)
        -----    ----   --------
  0)     2928     224   update_sd_lb_stats+0xbc/0x4ac
  1)     2704     160   find_busiest_group [vexfs]+0x31/0x1f1
`),
  ).toMatchObject([
    { kind: 'stack-depth', index: 0, depth: 2928, size: 224, location: 'update_sd_lb_stats+0xbc/0x4ac' },
    { index: 1, depth: 2704 },
  ]);
});
