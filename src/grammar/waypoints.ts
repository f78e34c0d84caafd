import { pattern } from './fragments.ts';

/** A line inside a report that its identity depends on: where to look for frames, or what must be there for a title to hold. */
export interface WaypointRow {
  readonly id: string;
  /** Cheap test before the pattern. */
  readonly text: string;
  readonly pattern: RegExp;
}

const row = (id: string, text: string, re: RegExp): WaypointRow => ({ id, text, pattern: re });

/** mm/kasan/report.c, mm/kmsan/report.c, mm/page_owner.c, kernel/locking/lockdep.c, mm/kmemleak.c, kernel/workqueue.c, arch entry code. */
export const WAYPOINTS: readonly WaypointRow[] = [
  row('access', 'e', /(Read|Write) (?:of size [0-9a-f]+|at addr [0-9a-f]+)/),
  row('access-size', ' of size ', /(Read|Write) of size ([0-9]+)/),
  row('kmsan-origin', 'created at:', /(Local variable .* created at:|Uninit was created at:)/),
  row('page-allocated', 'page last allocated', /page last allocated/),
  row('leak-backtrace', 'backtrace', /backtrace(?: \(crc [0-9a-f]+\))?:/),
  row('leaving-kernel', 'leaving the kernel', /leaving the kernel with locks still held/),
  row('last-function', 'last function:', pattern`last function: ([A-Za-z0-9_]+)$`),
  row('work-function', 'workfn=', /workfn=([A-Za-z0-9_]+)$/),
  row('acquiring', 'is trying to acquire', /is trying to acquire/),
  row('acquiring-lock', 'is trying to acquire lock', /is trying to acquire lock/),
  row('changed-state', 'just changed the state', /just changed the state of lock/),
  row('became-at', 'which became', /which became .* at:/),
  row('takes', 'takes', /takes/),
  row('at-name', 'at: ', pattern`^.*at: ([A-Za-z0-9_]+)[.+]`),
  row('apic-timer', 'apic_timer_interrupt', pattern`(apic_timer_interrupt)\+0x`),
  row('exception-stack', 'Exception stack', /Exception stack/),
  row('el1-irq', 'el1h_64_irq', /el1h_64_irq/),
  row('no-stack', '(stack is not available)', /\(stack is not available\)/),
  row('oom-victim', 'ut of memory', /ut of memory(?: \(.*?\))?: Kill(?:ed)? process \d+ \((.*?)\)/),
  row('nmi-sent', 'Sending NMI from CPU', /Sending NMI from CPU/),
  row('ktap-failure', 'not ok ', /^ *not ok \d+(?: -)? ?([^#]*?)(?: *#|$)/),
  row('panic', 'Kernel panic - not syncing', /Kernel panic - not syncing/),
];
