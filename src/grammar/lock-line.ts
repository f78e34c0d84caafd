import type { HeldLock, ReportLine } from '../model/report.ts';
import { hexOf } from './values.ts';

type Task = Partial<Pick<HeldLock, 'comm' | 'pid'>>;

/** A lock as lockdep prints it: `ffff888000000000 (&x){+.+.}-{3:3}, at: f+0x1/0x2 [module]`. */
export function lockOf(line: ReportLine, { comm, pid }: Task = {}): HeldLock {
  const { address, name, usage, waitType, fn, module } = line.fields;
  return {
    name: name ?? '',
    ...(address !== undefined && { address: hexOf(address) }),
    ...(usage !== undefined && { usage }),
    ...(waitType !== undefined && { waitType }),
    ...(fn !== undefined && { at: fn }),
    ...(module !== undefined && { module }),
    ...(comm !== undefined && { comm }),
    ...(pid !== undefined && { pid }),
  };
}
