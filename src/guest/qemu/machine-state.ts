import { readFileSync } from 'node:fs';
import type { MachineState } from '../../model/guest.ts';
import { portDevice } from './args.ts';
import type { Qmp } from './qmp.ts';

/** A QEMU that does not answer by then stands still itself. */
const ANSWER_MS = 3000;

/** What QEMU and its host say of the machine, without asking the guest. Never rejects. */
export async function machineState(qmp: Qmp, pid: number): Promise<MachineState> {
  try {
    const status = (await qmp.execute('query-status', {}, ANSWER_MS)) as { status: string };
    const cpus = (await qmp.execute('query-cpus-fast', {}, ANSWER_MS)) as { 'thread-id': number }[];
    return {
      status: status.status,
      cpus: cpus.map((cpu) => cpuTime(pid, cpu['thread-id'])),
      controlPort: await controlPort(qmp),
    };
  } catch {
    return { status: 'no-answer', cpus: [], controlPort: 'unknown' };
  }
}

/** How long a thread has run and how long it has waited for a CPU of the host (Documentation/scheduler/sched-stats.rst). */
function cpuTime(pid: number, thread: number): MachineState['cpus'][number] {
  try {
    const [ran = 0, waited = 0] = readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ').map(Number);
    return { ranMs: ran / 1e6, waitedMs: waited / 1e6 };
  } catch {
    return { ranMs: 0, waitedMs: 0 };
  }
}

/** `open`: somebody in the guest has opened it. A stopped agent keeps it open, a dead one does not, and it may be unplugged. */
async function controlPort(qmp: Qmp): Promise<MachineState['controlPort']> {
  const devices = (await qmp.execute('qom-list', { path: '/machine/peripheral' }, ANSWER_MS)) as { name: string }[];
  if (!devices.some(({ name }) => name === portDevice('control'))) return 'unplugged';
  const chardevs = (await qmp.execute('query-chardev', {}, ANSWER_MS)) as {
    label: string;
    'frontend-open': boolean;
    filename: string;
  }[];
  const control = chardevs.find(({ label }) => label === 'control');
  if (control?.filename.startsWith('disconnected:')) return 'disconnected';
  return control?.['frontend-open'] ? 'open' : 'closed';
}
