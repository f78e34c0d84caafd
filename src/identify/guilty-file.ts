import type { ReportLine } from '../model/report.ts';

/** Files that report, allocate or schedule on behalf of others. A trailing `/` is a directory, `*` any characters but `/`. */
const IGNORED = [
  'lib/',
  'virt/lib/',
  'mm/kasan/',
  'mm/kmsan/',
  'kernel/kcov.c',
  'mm/sl?b.c',
  'mm/filemap.c',
  'mm/folio-compat.c',
  'mm/truncate.c',
  'mm/memory.c',
  'mm/vmalloc.c',
  'mm/page_alloc.c',
  'mm/mempool.c',
  'mm/util.c',
  'mm/percpu*',
  'kernel/rcu/',
  'arch/*/kernel/traps.c',
  'arch/*/kernel/unwind*',
  'arch/*/kernel/stacktrace.c',
  'arch/*/kernel/apic/apic.c',
  'arch/*/mm/fault.c',
  'arch/*/mm/physaddr.c',
  'arch/arm64/kernel/entry*',
  'arch/arm64/kernel/process.c',
  'arch/*/lib/crc*',
  'kernel/locking/',
  'kernel/panic.c',
  'kernel/printk/printk*',
  'kernel/softirq.c',
  'kernel/kthread.c',
  'kernel/stacktrace.c',
  'kernel/workqueue.c',
  'kernel/sched/',
  'kernel/time/timer.c',
  'net/core/dev.c',
  'net/core/sock.c',
  'net/core/skbuff.c',
  'fs/proc/generic.c',
  'trusty/',
  'drivers/usb/core/urb.c',
].map((row) => row.split('/'));

const STALL = 'INFO: rcu detected stall';
const STALL_WAYS = ['apic-timer', 'el1-irq', 'exception-stack'];

/** What of a line says where in the source it is. */
export type SourceLine = Pick<ReportLine, 'marks'>;

/** The source file to blame; empty when the report is not symbolized. */
export function guiltyFile(title: string, lines: readonly SourceLine[]): string {
  if (title.startsWith(STALL)) {
    const from = lines.findIndex(({ marks }) => STALL_WAYS.some((way) => marks.waypoints?.[way] !== undefined));
    const file = from < 0 ? '' : blame(lines.slice(from));
    if (file !== '') return file;
  }
  return blame(lines);
}

function blame(lines: readonly SourceLine[]): string {
  const paths = pathsOf(lines.filter(({ marks }) => !marks.bystander));
  const start = paths.findIndex((path) => !isIgnored(path));
  if (start < 0) return pathsOf(lines)[0] ?? '';
  let file = paths[start] ?? '';
  for (const path of paths.slice(start + 1)) {
    if (!isIgnored(path) && isDeeper(path, file)) file = path;
  }
  return file;
}

function pathsOf(lines: readonly SourceLine[]): string[] {
  return lines.flatMap(({ marks }) => (marks.sources ?? []).map(({ path }) => normalise(path)));
}

/** From `fs/a.c` the blame goes on to `fs/ext4/b.c`: the caller is more specific than what it called. */
function isDeeper(path: string, current: string): boolean {
  const directory = current.slice(0, current.lastIndexOf('/') + 1);
  // A bare name is a file of a module that was built elsewhere: the kernel's own are not below it.
  if (directory === '') return false;
  return path.startsWith(directory) && path.slice(directory.length).includes('/');
}

function normalise(path: string): string {
  const out: string[] = [];
  for (const part of path.split('/')) {
    if (part === '..') out.pop();
    else if (part !== '.' && part !== '') out.push(part);
  }
  return (path.startsWith('/') ? '/' : '') + out.join('/');
}

function isIgnored(path: string): boolean {
  if (path.endsWith('.h')) return true;
  const parts = path.split('/');
  return IGNORED.some((row) => {
    if (row.at(-1) === '' ? parts.length < row.length : parts.length !== row.length) return false;
    return row.every((part, index) => part === '' || like(parts[index] ?? '', part));
  });
}

/** `*` at the end or alone, `?` for one character. */
function like(text: string, shape: string): boolean {
  if (shape === '*') return true;
  if (shape.endsWith('*')) return text.startsWith(shape.slice(0, -1));
  if (!shape.includes('?')) return text === shape;
  return text.length === shape.length && [...shape].every((char, index) => char === '?' || char === text[index]);
}
