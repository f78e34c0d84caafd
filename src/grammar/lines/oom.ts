import { lines } from './line-row.ts';

/** Lines of the OOM killer and of failed allocations: mm/oom_kill.c, mm/show_mem.c, mm/memcontrol.c, mm/page_alloc.c warn_alloc. */
export const OOM_LINES = lines(
  [
    'oom-invoked',
    'invoked oom-killer',
    /(?<invoker>\S.*) invoked oom-killer: gfp_mask=(?<gfp>0x[0-9a-f]+)(?:\((?<gfpFlags>[^)]*)\))?(?:, (?:nodemask=\S+, )?order=(?<order>-?\d+))?(?:, oom_score_adj=(?<oomScoreAdj>-?\d+))?$/,
    'a invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0',
    '.',
  ],
  [
    'oom-reaper',
    'oom_reaper: ',
    /^oom_reaper: reaped process (?<pid>\d+) \((?<name>.*?)\), now anon-rss:(?<anonRssKb>\d+)kB, file-rss:(?<fileRssKb>\d+)kB, shmem-rss:(?<shmemRssKb>\d+)kB/,
    'oom_reaper: reaped process 1 (a), now anon-rss:0kB, file-rss:0kB, shmem-rss:0kB',
    'reaped',
  ],
  ['oom-reaper', 'oom_reaper: ', /^oom_reaper: /, 'oom_reaper: unable to reap pid:1 (a)'],
  [
    'oom-constraint',
    'oom-kill:',
    /^oom-kill:constraint=(?<constraint>\w+),.*?(?:(?:oom_memcg=(?<limitedMemcg>[^,]*),)?task_memcg=(?<memcg>[^,]*),)?task=(?<victim>.*),pid=(?<victimPid>\d+),uid=(?<victimUid>\d+)/,
    'oom-kill:constraint=CONSTRAINT_NONE,nodemask=(null),cpuset=/,mems_allowed=0,global_oom,task_memcg=/,task=a,pid=1,uid=0',
    '.',
  ],
  [
    'oom-killed',
    'ut of memory',
    /(?<scope>Out of memory|[Mm]emory cgroup out of memory)(?: \(.*?\))?: (?:Killed|Kill) process (?<pid>\d+) \((?<name>.*?)\)(?:,? (?:score \d+ or sacrifice child|total-vm:(?<totalVmKb>\d+)kB, anon-rss:(?<anonRssKb>\d+)kB(?:, file-rss:(?<fileRssKb>\d+)kB)?(?:, shmem-rss:(?<shmemRssKb>\d+)kB)?(?:, UID:(?<uid>\d+))?(?: pgtables:(?<pgtablesKb>\d+)kB)?(?: oom_score_adj:(?<oomScoreAdj>-?\d+))?))?/,
    'Out of memory: Killed process 1 (a) total-vm:1kB, anon-rss:2kB, file-rss:0kB, shmem-rss:0kB, UID:0 pgtables:52kB oom_score_adj:0',
    'killed',
  ],
  [
    'oom-table',
    'tgid',
    /^\[ *pid *\] +uid +tgid/,
    '[  pid  ]   uid  tgid total_vm      rss pgtables_bytes swapents oom_score_adj name',
  ],
  [
    'oom-task',
    '[',
    /^\[ *(?<pid>\d+)\] +(?<uid>\d+) +(?<tgid>\d+) +(?<totalVm>\d+) +(?<rss>\d+) +(?:-?\d+ +)*?(?<adj>-?\d+) (?<name>\S.*)$/,
    '[    100]     0   100     2048      512    61440        0             0 a',
  ],
  [
    'memcg-usage',
    'usage ',
    /^(?<counter>memory|swap|memory\+swap|kmem): usage (?<usageKb>\d+)kB, limit (?<limitKb>\d+)kB, failcnt (?<failures>\d+)/,
    'memory: usage 4096kB, limit 4096kB, failcnt 12',
    'memcgUsage[]',
  ],
  [
    'mem-zone',
    ' free:',
    /^(?:Node (?<node>\d+) )?(?<zone>DMA|DMA32|Normal|HighMem|Movable|Device) free:(?<freeKb>\d+)kB (?:boost:\d+kB )?min:(?<minKb>\d+)kB low:(?<lowKb>\d+)kB high:(?<highKb>\d+)kB/,
    'Node 0 DMA free:11264kB boost:0kB min:352kB low:440kB high:528kB reserved_highatomic:0KB',
    'zones[]',
  ],
  [
    'mem-count',
    ':',
    /^(?:active_anon:| ?(?:active_file|unevictable|slab_reclaimable|mapped|kernel_misc_reclaimable|sec_pagetables|free|dirty|bounce|unstable|writeback):\d)/,
    'active_anon:1 inactive_anon:2 isolated_anon:0',
  ],
  [
    'mem-info',
    ':',
    /^(?:Mem-Info|Node \d.*|(?:DMA|DMA32|Normal|HighMem|Movable)|lowmem_reserve\[\]|Tasks state.*|Memory cgroup stats for.*|Memory allocations|\w+ cpuset=.*):/,
    'Mem-Info:',
  ],
  ['mem-info', ' ', /^(?:\(?(?:U|M|E|H|UM|UE|ME|UME|UMEH|C)\) ?|\d+\*\d+kB ?.*|= \d+kB)$/, '1*4kB (U) 0*8kB = 4kB'],
  [
    'mem-pages',
    ' pages',
    /^(?<number>\d+) (?<counter>pages RAM|pages HighMem\/MovableOnly|pages reserved|pages cma reserved|pages hwpoisoned|total pagecache pages|pages in swap cache)/,
    '2097052 pages RAM',
  ],
  ['mem-swap', ' swap ', /^(?<what>Free|Total) swap += (?<kb>\d+)kB/, 'Free swap  = 0kB'],
  ['mem-info', 'wap', /^Swap cache stats:/, 'Swap cache stats: add 0, delete 0, find 0/0'],
  [
    'mem-info',
    ' ',
    /^(?:\S+ +\d+KB +\d+KB$|Name +Used +Total|Unreclaimable slab info|\S.* cpuset=)/,
    'filp   7KB   7KB',
  ],
);
