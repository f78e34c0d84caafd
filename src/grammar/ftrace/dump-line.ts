import type { FtraceEvent } from './record.ts';

/** What a line of a dump says; its time counts from the first event of the dump. */
export type DumpedEvent = Pick<FtraceEvent, 'comm' | 'pid' | 'cpu' | 'flags' | 'time' | 'name' | 'payload'>;

/**
 * kernel/trace/trace_output.c, trace_print_lat_context without `verbose`: `%8.8s-%-7d %3d` of the task and CPU, the flags,
 * ` %4lldus%c: `. The name of the task has at most eight bytes of anything.
 */
const LINE =
  /^(?<comm>.{1,24}?)-(?<pid>\d{1,10}) +(?<cpu>\d{1,6}?)(?<flags>[^ \d][^ ]{2,6}) +(?<us>\d{1,15})us[ !#+*@$]?: (?<name>\w{1,128}): (?<payload>.*)$/s;

/** An event that the kernel printed from its trace buffer (`ftrace_dump_on_oops`, sysrq-z); null when the line is none. */
export function dumpedEvent(text: string): DumpedEvent | null {
  const groups = LINE.exec(text)?.groups;
  if (groups === undefined) return null;
  const { comm = '', pid, cpu, flags = '', us, name = '', payload = '' } = groups;
  return { comm: comm.trimStart(), pid: Number(pid), cpu: Number(cpu), flags, time: Number(us) / 1e6, name, payload };
}

/** Begins a dump (kernel/trace/trace.c, ftrace_dump). */
export const DUMP_BEGINS = 'Dumping ftrace buffer:';
