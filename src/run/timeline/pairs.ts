import { vexfsEvent } from '../../grammar/ftrace/index.ts';
import { payloadFields } from '../../grammar/ftrace/payload.ts';
import type { FtraceEvent } from '../../grammar/ftrace/record.ts';

/** Where a span is shown. */
export type Owner = 'task' | 'cpu';

/** What an event does to the spans of its task or CPU. */
export type Step =
  | {
      readonly step: 'begin';
      readonly owner: Owner;
      readonly key: string;
      readonly name: string;
      readonly category: string;
      readonly loose?: boolean;
      readonly detail?: string;
    }
  | { readonly step: 'end'; readonly owner: Owner; readonly key: string; readonly detail?: string };

type Steps = (event: FtraceEvent) => readonly Step[];

/** Events that begin or end something, by their names. What is not here is shown as a point in time. */
const PAIRS: Readonly<Record<string, Steps>> = {
  irq_handler_entry: ({ payload }) => [
    begin('cpu', 'irq', `irq ${field(payload, 'name') ?? field(payload, 'irq')}`, 'irq'),
  ],
  irq_handler_exit: ({ payload }) => [end('cpu', 'irq', payload)],
  softirq_entry: ({ payload }) => [
    begin('cpu', 'softirq', `softirq ${/action=(\w{1,30})/.exec(payload)?.[1] ?? ''}`, 'irq'),
  ],
  softirq_exit: () => [end('cpu', 'softirq')],
  sys_enter: ({ payload }) => [
    begin('task', 'call', `call ${/^NR (-?\d{1,9})/.exec(payload)?.[1] ?? ''}`, 'syscall', payload),
  ],
  sys_exit: ({ payload }) => [end('task', 'call', payload)],
  workqueue_execute_start: ({ payload }) => [
    begin('task', 'work', `work ${/function (\S{1,200})/.exec(payload)?.[1] ?? ''}`, 'workqueue', payload),
  ],
  workqueue_execute_end: () => [end('task', 'work')],
  contention_begin: ({ payload }) => [
    begin(
      'task',
      `contended ${lockOf(payload)}`,
      `waits for a lock ${/\(flags=([^)]{0,80})\)/.exec(payload)?.[1] ?? ''}`,
      'lock',
      payload,
    ),
  ],
  contention_end: ({ payload }) => [end('task', `contended ${lockOf(payload)}`, payload)],
};

/** What an event says of spans; empty when it is a point in time. */
export function stepsOf(event: FtraceEvent): readonly Step[] {
  const own = vexfsEvent(event);
  switch (own?.kind) {
    case 'op-begin':
      return [begin('task', `op ${own.id}`, own.op, 'operation', event.payload)];
    case 'op-end':
      return [end('task', `op ${own.id}`, event.payload)];
    case 'lock-attempt':
      return [begin('task', `wait ${own.lock}`, `waits for ${own.class}`, 'lock', event.payload)];
    case 'lock-acquired':
      return [
        end('task', `wait ${own.lock}`),
        {
          ...begin('task', `hold ${own.lock}`, `holds ${own.class} (${own.mode})`, 'lock', event.payload),
          loose: true,
        },
      ];
    case 'lock-release':
      return [end('task', `hold ${own.lock}`)];
    default:
      return Object.hasOwn(PAIRS, event.name) ? (PAIRS[event.name]?.(event) ?? []) : call(event);
  }
}

/** `sys_openat(dfd: …)` and `sys_openat -> 0x3`. */
function call({ name, payload }: FtraceEvent): readonly Step[] {
  if (!name.startsWith('sys_')) return [];
  if (payload.startsWith('(')) return [begin('task', 'call', name.slice(4), 'syscall', payload)];
  return payload.startsWith(' -> ') ? [end('task', 'call', payload.slice(4))] : [];
}

function begin(owner: Owner, key: string, name: string, category: string, detail?: string) {
  return { step: 'begin', owner, key, name: name.trim(), category, ...(detail !== undefined && { detail }) } as const;
}

function end(owner: Owner, key: string, detail?: string): Step {
  return { step: 'end', owner, key, ...(detail !== undefined && { detail }) };
}

function lockOf(payload: string): string {
  return payload.split(' ', 1)[0] ?? '';
}

function field(payload: string, name: string): string | undefined {
  return payloadFields(payload).get(name);
}
