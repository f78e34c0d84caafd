import type { Capability } from '../model/capability.ts';
import { OPEN_POINT } from './kernel-rows.ts';
import { type FaultTarget, shell } from './target.ts';

/** What a campaign lets fail: one point of the kernel, or all of them. */
export interface Point {
  readonly name: string;
  readonly needs: readonly Capability[];
  /** Folders in debugfs of the points that are open; hits of others are counted as theirs. */
  readonly open: readonly string[];
}

const ALL = ['failslab', 'fail_page_alloc', 'fail_usercopy'];

export const POINTS: readonly Point[] = [
  { name: 'fail-nth', needs: ['fail-nth'], open: ALL },
  { name: 'failslab', needs: ['fail-nth', 'failslab'], open: ['failslab'] },
  { name: 'fail-page-alloc', needs: ['fail-nth', 'fail-page-alloc'], open: ['fail_page_alloc'] },
  { name: 'fail-usercopy', needs: ['fail-nth', 'fail-usercopy'], open: ['fail_usercopy'] },
];

/**
 * `fail-nth` of a task counts the calls of all points. Those that are not asked for are closed where the kernel has a way: caches
 * that must be marked and are not, pages of an order that nobody asks for. Copies from and to user memory have none.
 */
const SET = `${OPEN_POINT}
d=/sys/kernel/debug
for each in ${ALL.join(' ')}; do
  [ -d "$d/$each" ] || continue
  echo 0 >"$d/$each/probability"; echo 2 >"$d/$each/verbose"; echo N >"$d/$each/task-filter"
  case " $1 " in
  *" $each "*) open_point "$d/$each" ;;
  *) [ ! -e "$d/$each/cache-filter" ] || echo Y >"$d/$each/cache-filter"
     [ ! -e "$d/$each/min-order" ] || echo 100 >"$d/$each/min-order" ;;
  esac
done
true`;

/** Has the calls of this point fail where a task asks for it. To be done anew after a restore or reset. */
export async function openPoint(target: FaultTarget, point: Point): Promise<void> {
  await shell(target, `opening ${point.name}`, SET, [point.open.join(' ')]);
}

/** Operations that `vexpoint` knows (kmod/tools/vexpoint.c); `load` needs the module unloaded. */
export const OPERATIONS = [
  ...['create', 'mkdir', 'rmdir', 'link', 'symlink', 'rename', 'unlink', 'readdir', 'statfs'],
  ...['write', 'append', 'read', 'fsync', 'truncate', 'mmap-write'],
  ...['setxattr', 'getxattr', 'listxattr', 'removexattr', 'vector-add', 'search', 'stats'],
  ...['mount', 'unmount', 'load'],
] as const;
