import { type Sample, stack, under } from './sample.ts';

const RULE = '==================================================================\n';
const CPU = 'CPU: 1 UID: 0 PID: 123 Comm: vexload Tainted: G    B      O       6.12.0 #1\n';

/** Sanitizers: mm/kasan, mm/kmsan, mm/kfence, kernel/kcsan, lib/ubsan.c. */
export const SANITIZER_SAMPLES: readonly Sample[] = [
  {
    name: 'KASAN, beside an object, tracks with CPU and time',
    from: 'mm/kasan/report.c print_track with CONFIG_KASAN_EXTRA_INFO',
    text: `${RULE}BUG: KASAN: slab-out-of-bounds in vexfs_read+0x10/0x20 [vexfs]
Write of size 4 at addr ffff888003456044 by task vexload/123

${stack(['dump_stack_lvl+0x53/0x70', 'print_report+0xce/0x670', 'kasan_report+0xce/0x100', ...under('vexfs_read')])}
Allocated by task 77 on cpu 0 at 12.345678s:
 kasan_save_stack+0x24/0x50
 __kmalloc_noprof+0x10/0x20
 vexfs_new+0x10/0x20 [vexfs]

The buggy address belongs to the object at ffff888003456000
 which belongs to the cache kmalloc-96 of size 96
The buggy address is located 4 bytes to the right of
 allocated 64-byte region [ffff888003456000, ffff888003456040)

The buggy address belongs to the physical page:
page: refcount:1 mapcount:0 mapping:0000000000000000 index:0x0 pfn:0x3456
flags: 0x100000000000000(node=0|zone=1)
page_type: f5(slab)
raw: 0100000000000000 ffff888001041280 dead000000000122 0000000000000000
page dumped because: kasan: bad access detected

Memory state around the buggy address:
 ffff888003455f80: fc fc fc fc fc fc fc fc fc fc fc fc fc fc fc fc
>ffff888003456000: 00 00 00 00 00 00 00 00 fc fc fc fc fc fc fc fc
                                           ^
${RULE}`,
    kind: 'kasan-out-of-bounds',
    title: 'KASAN: slab-out-of-bounds Write in vexfs_read',
    details: {
      what: 'slab-out-of-bounds',
      access: 'write',
      size: 4,
      object: { cache: 'kmalloc-96', size: 96, length: 64, state: 'allocated', relation: 'to the right', offset: 68 },
      page: { refcount: 1, pfn: '0x3456', flags: '0x100000000000000', flagNames: ['node=0', 'zone=1'], type: 'slab' },
      shadow: { row: '0xffff888003456000' },
    },
    roles: ['access', 'alloc'],
  },
  {
    name: 'KASAN, a variable of a function',
    from: 'mm/kasan/report_generic.c kasan_print_address_stack_frame',
    text: `${RULE}BUG: KASAN: stack-out-of-bounds in vexfs_read+0x10/0x20 [vexfs]
Read of size 4 at addr ffffc90000123d44 by task vexload/123

${stack(['dump_stack_lvl+0x53/0x70', 'print_report+0xce/0x670', 'kasan_report+0xce/0x100', ...under('vexfs_read')])}
The buggy address belongs to stack of task vexload/123
 and is located at offset 36 in frame:
 vexfs_sum+0x0/0x80 [vexfs]

This frame has 2 objects:
 [32, 36) 'total'
 [48, 80) 'parts'

The buggy address belongs to a 4-page vmalloc region starting at 0xffffc90000120000 allocated at copy_process+0x5d2/0x1f30
${RULE}`,
    kind: 'kasan-out-of-bounds',
    title: 'KASAN: stack-out-of-bounds Read in vexfs_read',
    details: {
      onStack: {
        comm: 'vexload',
        pid: 123,
        offset: 36,
        frame: 'vexfs_sum',
        objects: [
          { begin: 32, end: 36, name: 'total' },
          { begin: 48, end: 80, name: 'parts' },
        ],
      },
      mapping: { from: '0xffffc90000120000', pages: 4, createdBy: 'copy_process' },
    },
    roles: ['access'],
  },
  {
    name: 'KASAN, a variable of the kernel',
    from: 'mm/kasan/report.c print_address_description',
    text: `${RULE}BUG: KASAN: global-out-of-bounds in vexfs_read+0x10/0x20 [vexfs]
Read of size 1 at addr ffffffffa0032758 by task vexload/123

${stack(['dump_stack_lvl+0x53/0x70', 'print_report+0xce/0x670', 'kasan_report+0xce/0x100', ...under('vexfs_read')])}
The buggy address belongs to the variable:
 vexfs_table+0x18/0x20 [vexfs]

${RULE}`,
    kind: 'kasan-out-of-bounds',
    title: 'KASAN: global-out-of-bounds Read in vexfs_read',
    details: { variable: { name: 'vexfs_table', offset: '0x18', size: '0x20', module: 'vexfs' } },
    roles: ['access'],
  },
  {
    name: 'KASAN with tags',
    from: 'mm/kasan/report_hw_tags.c kasan_print_tags',
    text: `${RULE}BUG: KASAN: slab-use-after-free in vexfs_read+0x10/0x20 [vexfs]
Read at addr f0ff000003456010 by task vexload/123
Pointer tag: [f0], memory tag: [fe]

${stack(['dump_stack_lvl+0x53/0x70', 'print_report+0xce/0x670', 'kasan_report+0xce/0x100', ...under('vexfs_read')])}
${RULE}`,
    kind: 'kasan-use-after-free',
    title: 'KASAN: slab-use-after-free Read in vexfs_read',
    details: { access: 'read', address: '0xf0ff000003456010', object: { pointerTag: 'f0', memoryTag: 'fe' } },
  },
  {
    name: 'KASAN, a second free',
    from: 'mm/kasan/report.c kasan_report_invalid_free',
    text: `${RULE}BUG: KASAN: double-free in vexfs_drop+0x10/0x20 [vexfs]
Free of addr ffff888003456000 by task vexload/123

${stack(['dump_stack_lvl+0x53/0x70', 'print_report+0xce/0x670', 'kasan_report_invalid_free+0xac/0xe0', 'kfree+0xd0/0x2a0', ...under('vexfs_drop')])}
Allocated by task 77:
 kasan_save_stack+0x24/0x50
 vexfs_new+0x10/0x20 [vexfs]

Freed by task 78:
 kasan_save_stack+0x24/0x50
 vexfs_drop+0x10/0x20 [vexfs]

Last potentially related work creation:
 kasan_save_stack+0x24/0x50
 call_rcu+0x10/0x20
 vexfs_later+0x10/0x20 [vexfs]
${RULE}`,
    kind: 'kasan-invalid-free',
    title: 'KASAN: invalid-free in vexfs_drop',
    details: { access: 'free', address: '0xffff888003456000' },
    roles: ['access', 'alloc', 'free', 'origin'],
  },
  {
    name: 'KMSAN, a value from a local variable',
    from: 'mm/kmsan/report.c kmsan_report and kmsan_print_origin',
    text: `=====================================================
BUG: KMSAN: uninit-value in vexfs_read+0x10/0x20 [vexfs]
 vexfs_read+0x10/0x20 [vexfs]
 vfs_read+0xf0/0x420
 ksys_read+0x6d/0xf0

Uninit was stored to memory at:
 vexfs_copy+0x10/0x20 [vexfs]
 vexfs_open+0x10/0x20 [vexfs]

Local variable key created at:
 vexfs_open+0x10/0x20 [vexfs]
 do_dentry_open+0x1f0/0x420

Bytes 4-7 of 16 are uninitialized
Memory access of size 16 starts at ffff888003456000
Data copied to user address 00007f1234567000

${CPU}Hardware name: QEMU Standard PC (Q35 + ICH9, 2009), BIOS 1.16.3
=====================================================
`,
    kind: 'kmsan-uninit',
    title: 'KMSAN: uninit-value in vexfs_read',
    details: {
      what: 'uninit-value',
      uninitialized: { range: '4-7', of: 16 },
      size: 16,
      address: '0xffff888003456000',
      userAddress: '0x00007f1234567000',
    },
    roles: ['access', 'origin', 'origin'],
  },
  {
    name: 'KMSAN, memory that leaks to a program',
    from: 'mm/kmsan/hooks.c kmsan_copy_to_user, mm/kmsan/report.c',
    text: `=====================================================
BUG: KMSAN: kernel-infoleak in _copy_to_user+0xbc/0x110
 _copy_to_user+0xbc/0x110
 vexfs_ioctl+0x10/0x20 [vexfs]
 __x64_sys_ioctl+0x91/0xd0

Uninit was created at:
 __kmalloc_noprof+0x10/0x20
 vexfs_new+0x10/0x20 [vexfs]

Byte 3 of 4 is uninitialized
Memory access of size 4 starts at ffff888003456000
${CPU}=====================================================
`,
    kind: 'kmsan-infoleak',
    title: 'KMSAN: kernel-infoleak in vexfs_ioctl',
    details: { uninitialized: { range: '3', of: 4 } },
    roles: ['access', 'origin'],
  },
  ...kfence(),
  {
    name: 'KCSAN, both sides known',
    from: 'kernel/kcsan/report.c print_report',
    text: `${RULE}BUG: KCSAN: data-race in vexfs_count / vexfs_reset

write (marked) to 0xffff888003456000 of 8 bytes by interrupt on cpu 0:
 vexfs_reset+0x10/0x20 [vexfs]
 call_timer_fn+0x30/0x1a0

read to 0xffff888003456000 of 4 bytes by task 61 on cpu 1:
 vexfs_count+0x10/0x20 [vexfs]
 vfs_read+0xf0/0x420

value changed: 0x00000001 -> 0x00000000
 bits changed: 0x00000001 with mask 0x000000ff

Reported by Kernel Concurrency Sanitizer on:
${CPU}${RULE}`,
    kind: 'kcsan-data-race',
    title: 'KCSAN: data-race in vexfs_count / vexfs_reset',
    details: {
      accesses: [
        { access: 'write', accessFlags: ['marked'], address: '0xffff888003456000', size: 8, by: 'interrupt', cpu: 0 },
        { access: 'read', address: '0xffff888003456000', size: 4, by: 'task', pid: 61, cpu: 1 },
      ],
      valueChange: { before: '0x00000001', after: '0x00000000', changed: '0x00000001', mask: '0x000000ff' },
    },
    roles: ['access', 'other-access'],
  },
  {
    name: 'KCSAN, one side known',
    from: 'kernel/kcsan/report.c print_report, KCSAN_REPORT_RACE_UNKNOWN_ORIGIN',
    text: `${RULE}BUG: KCSAN: data-race in vexfs_count+0x10/0x20 [vexfs]

race at unknown origin, with read to 0xffff888003456000 of 8 bytes by task 61 on cpu 1:
 vexfs_count+0x10/0x20 [vexfs]
 vfs_read+0xf0/0x420

Reported by Kernel Concurrency Sanitizer on:
${CPU}${RULE}`,
    kind: 'kcsan-data-race',
    title: 'KCSAN: data-race in vexfs_count [vexfs]',
    details: { accesses: [{ unknownOrigin: true, access: 'read', size: 8, pid: 61 }] },
  },
  {
    name: 'KCSAN, an assertion',
    from: 'kernel/kcsan/report.c get_bug_type',
    text: `${RULE}BUG: KCSAN: assert: race in vexfs_count / vexfs_reset

write to 0xffff888003456000 of 8 bytes by task 60 on cpu 0:
 vexfs_reset+0x10/0x20 [vexfs]
 vfs_write+0xf0/0x420

assert no writes to 0xffff888003456000 of 8 bytes by task 61 on cpu 1:
 vexfs_count+0x10/0x20 [vexfs]
 vfs_read+0xf0/0x420

Reported by Kernel Concurrency Sanitizer on:
${CPU}${RULE}`,
    kind: 'kcsan-assert',
    title: 'KCSAN: assert: race in vexfs_count / vexfs_reset',
    details: { accesses: [{ access: 'write' }, { access: 'assert no writes', pid: 61 }] },
  },
  ...ubsan(),
];

/** mm/kfence/report.c kfence_report_error and kfence_print_object. */
function kfence(): readonly Sample[] {
  const report = (what: string, line: string): string => `${RULE}BUG: KFENCE: ${what} in vexfs_read+0x10/0x20 [vexfs]

${line}
 vexfs_read+0x10/0x20 [vexfs]
 vfs_read+0xf0/0x420
 ksys_read+0x6d/0xf0

kfence-#12: 0x0000000012345678-0x0000000012345697, size=32, cache=kmalloc-32

allocated by task 77 on cpu 0 at 12.345678s (0.000123s ago):
 vexfs_new+0x10/0x20 [vexfs]
 vfs_write+0xf0/0x420

freed by task 78 on cpu 1 at 12.345700s (0.000101s ago):
 vexfs_drop+0x10/0x20 [vexfs]
 vfs_write+0xf0/0x420

${CPU}Hardware name: QEMU Standard PC (Q35 + ICH9, 2009), BIOS 1.16.3
${RULE}`;
  const sample = (
    name: string,
    what: string,
    line: string,
    kind: Sample['kind'],
    details: Sample['details'],
  ): Sample => ({
    name: `KFENCE, ${name}`,
    from: 'mm/kfence/report.c kfence_report_error',
    text: report(what, line),
    kind,
    title: `KFENCE: ${what} in vexfs_read`,
    details: { ...details, object: { slot: 12, from: '0x0000000012345678', size: 32, cache: 'kmalloc-32' } },
    roles: ['access', 'alloc', 'free'],
  });
  return [
    sample(
      'use after free',
      'use-after-free read',
      'Use-after-free read at 0x0000000012345680 (in kfence-#12):',
      'kfence-use-after-free',
      { access: 'read', address: '0x0000000012345680' },
    ),
    sample(
      'out of bounds',
      'out-of-bounds write',
      'Out-of-bounds write at 0x000000001234569a (2B right of kfence-#12):',
      'kfence-out-of-bounds',
      { access: 'write', distance: 2, side: 'right' },
    ),
    sample(
      'corruption',
      'memory corruption',
      'Corrupted memory at 0x0000000012345698 [ ! . . . ] (in kfence-#12):',
      'kfence-memory-corruption',
      { address: '0x0000000012345698', bytes: ' ! . . . ' },
    ),
    sample('invalid access', 'invalid read', 'Invalid read at 0x0000000012340000:', 'kfence-invalid-access', {
      access: 'read',
      address: '0x0000000012340000',
    }),
    sample(
      'invalid free',
      'invalid free',
      'Invalid free of 0x0000000012345680 (in kfence-#12):',
      'kfence-invalid-free',
      { access: 'free', address: '0x0000000012345680' },
    ),
  ];
}

/** lib/ubsan.c: a title, a line or two of values, a stack. */
function ubsan(): readonly Sample[] {
  const rows: readonly (readonly [what: string, lines: string, ubsan: Record<string, unknown>])[] = [
    ['array-index-out-of-bounds', "index 4 is out of range for type 'int [4]'", { index: 4, type: 'int [4]' }],
    [
      'shift-out-of-bounds',
      "shift exponent 64 is too large for 32-bit type 'int'",
      { exponent: 64, width: 32, type: 'int' },
    ],
    [
      'shift-out-of-bounds',
      "left shift of 255 by 24 places cannot be represented in type 'int'",
      { value: 255, exponent: 24, type: 'int' },
    ],
    [
      'signed-integer-overflow',
      "9223372036854775807 + 1 cannot be represented in type 'long int'",
      { left: '9223372036854775807', op: '+', right: 1, type: 'long int' },
    ],
    [
      'negation-overflow',
      "negation of -2147483648 cannot be represented in type 'int':",
      { value: -2147483648, type: 'int' },
    ],
    ['null-ptr-deref', "member access within null pointer of type 'struct a'", { type: 'struct a' }],
    [
      'misaligned-access',
      "load of misaligned address 00000000abcdef12 for type 'int'\nwhich requires 4 byte alignment",
      { address: '0x00000000abcdef12', type: 'int', requires: 4 },
    ],
    ['invalid-load', "load of value 255 is not a valid value for type '_Bool'", { value: 255, type: '_Bool' }],
  ];
  return rows.map(([what, lines, values], at) => ({
    name: `UBSAN, ${what} ${at}`,
    from: 'lib/ubsan.c ubsan_prologue and the handlers',
    text: `------------[ cut here ]------------
UBSAN: ${what} in fs/vexfs/extent.c:61:12
${lines}
${stack(['dump_stack_lvl+0x53/0x70', 'ubsan_epilogue+0x5/0x30', ...under('vexfs_read')])}---[ end trace ]---
`,
    kind: what.startsWith('array') ? 'ubsan-bounds' : what.startsWith('shift') ? 'ubsan-shift' : 'ubsan-other',
    title: `UBSAN: ${what} in vexfs_read`,
    details: { where: 'fs/vexfs/extent.c:61:12', ubsan: values },
    roles: ['access'],
  }));
}
