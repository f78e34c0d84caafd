import { type Sample, stack, under } from './sample.ts';

const RULE = `=============================================================================
`;
const LINE = `-----------------------------------------------------------------------------

`;
const END = '---[ end trace 0000000000000000 ]---\n';

const boxed = (message: string, header: string): string => `------------[ cut here ]------------
${message}
${header}
Modules linked in: vexfs(O)
${stack(under('vexfs_put')).replace('Call Trace', `RIP: 0010:${header.split(' ').at(-1)}\nCall Trace`)}${END}`;

const listText = (message: string): string =>
  boxed(message, 'WARNING: CPU: 1 PID: 123 at lib/list_debug.c:62 __list_del_entry_valid_or_report+0xba/0x110');

/** Checks of memory and of those who use it: mm/slub.c, mm/page_alloc.c, mm/memory.c, mm/usercopy.c, mm/kmemleak.c, lib/. */
export const CHECK_SAMPLES: readonly Sample[] = [
  {
    name: 'slab, poison overwritten',
    from: 'mm/slub.c check_bytes_and_report, print_trailer, slab_fix',
    text: `${RULE}BUG vexfs_inode (Tainted: G    B      O      ): Poison overwritten
${LINE}[Poison overwritten] 0xffff888003456010-0xffff888003456013 @offset=16. First byte 0x6a instead of 0x6b
Allocated in vexfs_alloc_inode+0x10/0x20 [vexfs] age=12 cpu=0 pid=77
 kmem_cache_alloc_lru_noprof+0x1f0/0x2a0
 vexfs_alloc_inode+0x10/0x20 [vexfs]
 alloc_inode+0x1e/0xd0
Freed in vexfs_free_inode+0x10/0x20 [vexfs] age=5 cpu=1 pid=78
 kmem_cache_free+0x1f0/0x2a0
 vexfs_free_inode+0x10/0x20 [vexfs]
Slab 0xffffea00000d1580 objects=21 used=21 fp=0xffff888003456800 flags=0x100000000000240(workingset|slab|node=0|zone=1)
Object 0xffff888003456000 @offset=0 fp=0xffff888003456800

Redzone  ffff888003455ff8: bb bb bb bb bb bb bb bb                          ........
Object   ffff888003456000: 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b 6b  kkkkkkkkkkkkkkkk
Padding  ffff8880034560f8: 5a 5a 5a 5a 5a 5a 5a 5a                          ZZZZZZZZ
${stack(['dump_stack_lvl+0x53/0x70', 'check_bytes_and_report+0x10a/0x150', 'check_object+0x1ac/0x330', ...under('vexfs_new')])}FIX vexfs_inode: Restoring Poison 0xffff888003456010-0xffff888003456013=0x6b
FIX vexfs_inode: Marking all objects used
`,
    kind: 'slab-corruption',
    title: 'BUG: vexfs_inode: Poison overwritten',
    details: {
      cache: 'vexfs_inode',
      what: 'Poison overwritten',
      damage: { area: 'Poison', from: '0xffff888003456010', offset: 16, found: '0x6a', expected: '0x6b' },
      slab: { objects: 21, used: 21, flagNames: ['workingset', 'slab', 'node=0', 'zone=1'] },
      object: { address: '0xffff888003456000', offset: 0 },
      fixes: [
        { cache: 'vexfs_inode', what: 'Restoring Poison 0xffff888003456010-0xffff888003456013=0x6b' },
        { cache: 'vexfs_inode', what: 'Marking all objects used' },
      ],
    },
    roles: ['alloc', 'free', 'access'],
  },
  {
    name: 'slab, objects that remain',
    from: 'mm/slub.c list_slab_objects',
    text: `${RULE}BUG vexfs_inode (Tainted: G           O      ): Objects remaining on __kmem_cache_shutdown()
${LINE}Object 0xffff888003456000 @offset=0
Allocated in vexfs_alloc_inode+0x10/0x20 [vexfs] age=1200 cpu=0 pid=77
Slab 0xffffea00000d1580 objects=21 used=1 fp=0xffff888003456800 flags=0x100000000000240(workingset|slab|node=0|zone=1)
${stack(['dump_stack_lvl+0x53/0x70', '__slab_err+0x3c/0x50', 'kmem_cache_destroy+0x65/0x130', 'vexfs_exit+0x10/0x20 [vexfs]'])}`,
    kind: 'slab-corruption',
    title: 'BUG: vexfs_inode: Objects remaining on __kmem_cache_shutdown()',
    details: { object: { address: '0xffff888003456000' } },
    roles: ['alloc', 'access'],
  },
  {
    name: 'bad page',
    from: 'mm/page_alloc.c bad_page, mm/debug.c dump_page, mm/page_owner.c __dump_page_owner',
    text: `BUG: Bad page state in process vexload  pfn:03456
page: refcount:-1 mapcount:0 mapping:0000000000000000 index:0x12 pfn:0x3456
flags: 0x100000000000000(node=0|zone=1)
raw: 0100000000000000 dead000000000100 dead000000000122 0000000000000000
page dumped because: nonzero _refcount
page_owner tracks the page as freed
page last allocated via order 0, migratetype Unmovable, gfp_mask 0x400dc0(GFP_KERNEL_ACCOUNT|__GFP_ZERO), pid 77, tgid 77 (vexload), ts 12345678901, free_ts 12345679901
 post_alloc_hook+0x1f0/0x2a0
 alloc_pages_mpol_noprof+0x10/0x20
 vexfs_new_page+0x10/0x20 [vexfs]
page last free pid 78 tgid 78 stack trace:
 free_unref_page+0x1f0/0x2a0
 vexfs_drop_page+0x10/0x20 [vexfs]
Modules linked in: vexfs(O)
${stack(['dump_stack_lvl+0x53/0x70', 'bad_page+0x71/0x100', 'free_unref_page+0x3f1/0x470', ...under('vexfs_drop_page')])}`,
    kind: 'bad-page',
    title: 'BUG: Bad page state in vexfs_new_page',
    details: {
      pfn: '0x03456',
      page: {
        refcount: -1,
        index: '0x12',
        reason: 'nonzero _refcount',
        order: 0,
        migrateType: 'Unmovable',
        gfpFlags: ['GFP_KERNEL_ACCOUNT', '__GFP_ZERO'],
      },
    },
    roles: ['page-alloc', 'page-free', 'access'],
  },
  {
    name: 'bad page table entry',
    from: 'mm/memory.c print_bad_pte',
    text: `BUG: Bad page map in process vexload  pte:8000000003456025 pmd:01234067
addr:00007f1234567000 vm_flags:08100073 anon_vma:ffff888003456000 mapping:0000000000000000 index:7f1234567
file:(null) fault:0x0 mmap:0x0 read_folio:0x0
${stack(['dump_stack_lvl+0x53/0x70', 'print_bad_pte+0x1a2/0x260', 'unmap_page_range+0xa3c/0x1170', 'exit_mmap+0x10c/0x3a0'])}`,
    kind: 'bad-page',
    title: 'BUG: Bad page map',
    details: {
      pte: '0x8000000003456025',
      pmd: '0x01234067',
      vma: { address: '0x00007f1234567000', vmFlags: '0x08100073' },
    },
  },
  {
    name: 'counter of pages',
    from: 'kernel/fork.c check_mm',
    text: 'BUG: Bad rss-counter state mm:00000000abcdef12 type:MM_ANONPAGES val:12\n',
    kind: 'bad-rss',
    title: 'BUG: Bad rss-counter state',
    details: { type: 'MM_ANONPAGES', value: 12 },
  },
  {
    name: 'list, a neighbour that does not point back',
    from: 'lib/list_debug.c __list_del_entry_valid_or_report',
    text: listText(
      'list_del corruption. prev->next should be ffff888003456000, but was ffff888003456008. (prev=ffff888003456010)',
    ),
    kind: 'list-corruption',
    title: 'WARNING in vexfs_put',
    details: {
      list: {
        op: 'del',
        problem: 'prev->next should be',
        expected: '0xffff888003456000',
        found: '0xffff888003456008',
        entry: '0xffff888003456010',
      },
      where: 'lib/list_debug.c:62',
    },
  },
  {
    name: 'list, an entry that was deleted',
    from: 'lib/list_debug.c __list_del_entry_valid_or_report',
    text: listText('list_del corruption, ffff888003456000->next is LIST_POISON1 (dead000000000100)'),
    kind: 'list-corruption',
    title: 'WARNING in vexfs_put',
    details: {
      list: {
        op: 'del',
        problem: 'next is LIST_POISON1',
        entry: '0xffff888003456000',
        found: '0xdead000000000100',
      },
    },
  },
  {
    name: 'list, an entry added twice',
    from: 'lib/list_debug.c __list_add_valid_or_report',
    text: listText('list_add double add: new=ffff888003456000, prev=ffff888003456000, next=ffff888003456040.'),
    kind: 'list-corruption',
    title: 'WARNING in vexfs_put',
    details: { list: { op: 'add', problem: 'double add', entry: '0xffff888003456000' } },
  },
  ...(
    [
      ['saturated; leaking memory', 'saturated', 'leaking memory'],
      ['addition on 0; use-after-free', 'addition on 0', 'use-after-free'],
      ['underflow; use-after-free', 'underflow', 'use-after-free'],
      ['decrement hit 0; leaking memory', 'decrement hit 0', 'leaking memory'],
    ] as const
  ).map(
    ([text, problem, effect]): Sample => ({
      name: `refcount, ${problem}`,
      from: 'lib/refcount.c refcount_warn_saturate',
      text: boxed(
        `refcount_t: ${text}.`,
        'WARNING: CPU: 1 PID: 123 at lib/refcount.c:28 refcount_warn_saturate+0xba/0x110',
      ),
      kind: 'refcount',
      title: 'WARNING: refcount bug in vexfs_put',
      details: { refcount: { problem, effect }, message: `refcount_t: ${text}.` },
    }),
  ),
  {
    name: 'debug objects',
    from: 'lib/debugobjects.c debug_print_object',
    text: boxed(
      'ODEBUG: free active (active state 0) object: ffff888003456000 object type: timer_list hint: vexfs_timer+0x0/0x10 [vexfs]',
      'WARNING: CPU: 1 PID: 123 at lib/debugobjects.c:514 debug_print_object+0x80/0xa0',
    ),
    kind: 'debug-objects',
    title: 'WARNING: ODEBUG bug in vexfs_put',
    details: {
      debugObject: {
        what: 'free',
        state: 'active',
        activeState: 0,
        address: '0xffff888003456000',
        type: 'timer_list',
        hint: 'vexfs_timer+0x0/0x10',
      },
    },
  },
  {
    name: 'usercopy',
    from: 'mm/usercopy.c usercopy_abort',
    text: `usercopy: Kernel memory exposure attempt detected from SLUB object 'kmalloc-64' (offset 8, size 65)!
------------[ cut here ]------------
kernel BUG at mm/usercopy.c:102!
Oops: invalid opcode: 0000 [#1] PREEMPT SMP NOPTI
${stack(['usercopy_abort+0x6c/0x80', '__check_heap_object+0xa5/0xd0', '__check_object_size+0x1d2/0x290', ...under('vexfs_read')]).replace('Call Trace', 'RIP: 0010:usercopy_abort+0x6c/0x80\nCall Trace')}${END}`,
    kind: 'usercopy',
    title: 'BUG: bad usercopy in vexfs_read',
    details: {
      usercopy: { attempt: 'exposure', where: 'SLUB object', name: 'kmalloc-64', offset: 8, size: 65 },
    },
  },
  {
    name: 'kmemleak',
    from: 'mm/kmemleak.c print_unreferenced, before 6.9',
    text: `unreferenced object 0xffff888003456000 (size 64):
  comm "vexload", pid 70, jiffies 4294937296 (age 12.340s)
  hex dump (first 32 bytes):
    00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00  ................
  backtrace:
    [<00000000abcdef12>] __kmalloc+0x10/0x20
    [<00000000abcdef34>] vexfs_new+0x10/0x20 [vexfs]
    [<00000000abcdef56>] vfs_write+0xf0/0x420
`,
    kind: 'memory-leak',
    title: 'memory leak in vexfs_new',
    details: {
      object: { address: '0xffff888003456000', size: 64, comm: 'vexload', pid: 70, jiffies: 4294937296, ago: 12.34 },
    },
    roles: ['alloc'],
  },
];
