import { type Sample, stack, under } from './sample.ts';

const MEMORY = `Mem-Info:
active_anon:1588 inactive_anon:8426 isolated_anon:0
 active_file:19 inactive_file:0 isolated_file:0
 unevictable:0 dirty:0 writeback:0
 slab_reclaimable:5213 slab_unreclaimable:2036
 free:2582 free_pcp:89 free_cma:0
Node 0 active_anon:6352kB inactive_anon:33704kB active_file:76kB all_unreclaimable? yes
Node 0 DMA free:5804kB boost:0kB min:48kB low:60kB high:72kB reserved_highatomic:0KB active_anon:0kB
lowmem_reserve[]: 0 1500 1500 1500
Node 0 DMA: 1*4kB (U) 1*8kB (U) 0*16kB = 12kB
2069 total pagecache pages
0 pages in swap cache
Free swap  = 0kB
Total swap = 0kB
393083 pages RAM
0 pages HighMem/MovableOnly
19018 pages reserved
`;

/** Memory that runs out: mm/oom_kill.c, mm/page_alloc.c, mm/vmalloc.c, mm/slub.c, mm/show_mem.c, mm/memcontrol.c. */
export const EXHAUSTION_SAMPLES: readonly Sample[] = [
  {
    name: 'OOM killer',
    from: 'mm/oom_kill.c dump_header, dump_tasks, __oom_kill_process',
    text: `vexload invoked oom-killer: gfp_mask=0x140dca(GFP_HIGHUSER_MOVABLE|__GFP_COMP|__GFP_ZERO), order=0, oom_score_adj=-500
${stack(['dump_stack_lvl+0x53/0x70', 'dump_header+0x43/0x1b0', 'oom_kill_process+0x10c/0x110', ...under('vexfs_hog')])}${MEMORY}Tasks state (memory values in pages):
[  pid  ]   uid  tgid total_vm      rss rss_anon rss_file rss_shmem pgtables_bytes swapents oom_score_adj name
[     54]     0    54     1849     1845       58     1787         0    45056        0         -1000 vexfs agent
[    150]  1000   150    30000    20000    19000     1000         0   200000        0             0 sh
oom-kill:constraint=CONSTRAINT_NONE,nodemask=(null),cpuset=/,mems_allowed=0,global_oom,task_memcg=/,task=sh,pid=150,uid=1000
Out of memory: Killed process 150 (sh) total-vm:120000kB, anon-rss:76000kB, file-rss:4000kB, shmem-rss:0kB, UID:1000 pgtables:196kB oom_score_adj:0
oom_reaper: reaped process 150 (sh), now anon-rss:0kB, file-rss:0kB, shmem-rss:0kB
`,
    kind: 'oom',
    title: 'out of memory: killed sh',
    details: {
      invoker: 'vexload',
      gfp: '0x140dca',
      gfpFlags: ['GFP_HIGHUSER_MOVABLE', '__GFP_COMP', '__GFP_ZERO'],
      order: 0,
      oomScoreAdj: -500,
      constraint: 'CONSTRAINT_NONE',
      victim: 'sh',
      victimPid: 150,
      victimUid: 1000,
      killed: {
        pid: 150,
        name: 'sh',
        totalVmKb: 120000,
        anonRssKb: 76000,
        fileRssKb: 4000,
        pgtablesKb: 196,
        uid: 1000,
      },
      reaped: { pid: 150, name: 'sh', anonRssKb: 0 },
      tasks: [
        { pid: 54, uid: 0, rssPages: 1845, totalVmPages: 1849, oomScoreAdj: -1000, name: 'vexfs agent' },
        { pid: 150, uid: 1000, rssPages: 20000, totalVmPages: 30000, oomScoreAdj: 0, name: 'sh' },
      ],
      memory: { activeAnon: 1588, slabUnreclaimable: 2036, free: 2582, freeSwapKb: 0, pagesRam: 393083 },
      zones: [{ node: 0, zone: 'DMA', freeKb: 5804, minKb: 48, lowKb: 60, highKb: 72 }],
    },
    roles: ['task'],
  },
  {
    name: 'OOM killer of a memory cgroup',
    from: 'mm/memcontrol.c mem_cgroup_print_oom_meminfo, mm/oom_kill.c',
    text: `vexload invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0
${stack(under('vexfs_hog'))}memory: usage 4096kB, limit 4096kB, failcnt 12
swap: usage 0kB, limit 9007199254740988kB, failcnt 0
Memory cgroup stats for /load:
Tasks state (memory values in pages):
[  pid  ]   uid  tgid total_vm      rss rss_anon rss_file rss_shmem pgtables_bytes swapents oom_score_adj name
[    150]     0   150    30000    20000    19000     1000         0   200000        0             0 sh
oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=/,mems_allowed=0,oom_memcg=/load,task_memcg=/load/a,task=sh,pid=150,uid=0
Memory cgroup out of memory: Killed process 150 (sh) total-vm:120000kB, anon-rss:76000kB, file-rss:4000kB, shmem-rss:0kB, UID:0 pgtables:196kB oom_score_adj:0
`,
    kind: 'oom',
    title: 'out of memory: killed sh',
    details: {
      constraint: 'CONSTRAINT_MEMCG',
      limitedMemcg: '/load',
      memcg: '/load/a',
      memcgUsage: [{ counter: 'memory', usageKb: 4096, limitKb: 4096, failures: 12 }, { counter: 'swap' }],
      killed: { scope: 'Memory cgroup out of memory' },
    },
  },
  {
    name: 'page allocation failure',
    from: 'mm/page_alloc.c warn_alloc',
    text: `vexload: page allocation failure: order:4, mode:0x40cc0(GFP_KERNEL|__GFP_COMP), nodemask=(null),cpuset=/,mems_allowed=0
${stack(['dump_stack_lvl+0x53/0x70', 'warn_alloc+0x165/0x1e0', '__alloc_pages_slowpath+0xd3f/0xd90', ...under('vexfs_grow')])}${MEMORY}`,
    kind: 'allocation-failure',
    title: 'page allocation failure in vexfs_grow',
    details: { order: 4, gfp: '0x40cc0', gfpFlags: ['GFP_KERNEL', '__GFP_COMP'], memory: { free: 2582 } },
    roles: ['task'],
  },
  {
    name: 'vmalloc failure',
    from: 'mm/vmalloc.c __vmalloc_area_node',
    text: `vexload: vmalloc error: size 4194304, failed to allocate pages, mode:0xcc2(GFP_KERNEL|__GFP_HIGHMEM), nodemask=(null),cpuset=/,mems_allowed=0
${stack(['dump_stack_lvl+0x53/0x70', 'warn_alloc+0x165/0x1e0', '__vmalloc_node_range_noprof+0x4f1/0x7b0', ...under('vexfs_grow')])}${MEMORY}`,
    kind: 'allocation-failure',
    title: 'vmalloc failure in vexfs_grow',
    details: { size: 4194304, gfp: '0xcc2' },
    roles: ['task'],
  },
  {
    name: 'slab allocation failure',
    from: 'mm/slub.c slab_out_of_memory',
    text: `SLUB: Unable to allocate memory on CPU 0 (of node 0) on node -1, gfp=0xcc0(GFP_KERNEL)
  cache: vexfs_inode, object size: 1024, buffer size: 1088, default order: 3, min order: 0
  node 0: slabs: 12, objs: 252, free: 0
`,
    kind: 'allocation-failure',
    title: 'slab allocation failure',
    details: {
      gfp: '0xcc0',
      slab: { cache: 'vexfs_inode', size: 1024, order: 3 },
      nodes: [{ node: 0, slabs: 12, objects: 252, free: 0 }],
    },
  },
];
