import type { ReportContext, ReportLine } from '../model/report.ts';

/** Which CPU, task and kernel a report is about: the first line of each kind counts. */
export function readContext(lines: readonly ReportLine[]): { context: ReportContext; modules: readonly string[] } {
  const found: { -readonly [K in keyof ReportContext]: ReportContext[K] } = {};
  let modules: readonly string[] = [];
  for (const line of lines) {
    const { fields } = line;
    switch (line.kind) {
      case 'cpu':
      case 'cpu-old':
      case 'cpu-short':
      case 'nmi-backtrace':
        if (fields.cpu !== undefined) found.cpu ??= Number(fields.cpu);
        if (fields.pid !== undefined) found.pid ??= Number(fields.pid);
        if (fields.comm !== undefined) found.comm ??= fields.comm;
        if (fields.taint !== undefined) found.taint ??= taintLetters(fields.taint);
        else if (fields.clean !== undefined) found.taint ??= '';
        if (fields.kernel !== undefined) found.kernel ??= fields.kernel;
        break;
      case 'hardware':
        if (fields.hardware !== undefined) found.hardware ??= fields.hardware;
        break;
      case 'modules':
        if (modules.length === 0) modules = moduleNames(fields.modules ?? '');
        break;
      case 'task-state':
      case 'task-state-old':
      case 'atomic':
      case 'access':
      case 'acquiring':
      case 'leak-comm':
      case 'leaving':
      case 'held-title':
        if (fields.pid !== undefined) found.pid ??= Number(fields.pid);
        if (fields.comm !== undefined) found.comm ??= fields.comm.trim();
        break;
      case 'hung-version':
        if (fields.kernel !== undefined) found.kernel ??= fields.kernel;
        if (fields.taint !== undefined) found.taint ??= taintLetters(fields.taint);
        break;
      default:
        for (const { fields: said } of line.says) {
          if (said.cpu !== undefined) found.cpu ??= Number(said.cpu);
          if (said.pid !== undefined) found.pid ??= Number(said.pid);
          if (said.comm !== undefined) found.comm ??= said.comm;
        }
    }
  }
  return { context: found, modules };
}

/** `G        W  O` and `[W]=WARN, [O]=OOT_MODULE` (kernel/panic.c print_tainted) as `GWO`. */
function taintLetters(text: string): string {
  return text.replaceAll(' ', '').replaceAll('[', '').replaceAll(']', '');
}

/** `vexfs(O) loop [last unloaded: x]` as names. */
function moduleNames(text: string): string[] {
  const end = text.indexOf('[');
  const names = (end < 0 ? text : text.slice(0, end)).split(' ').filter(Boolean);
  return names.map((name) => name.split('(')[0] ?? name);
}
