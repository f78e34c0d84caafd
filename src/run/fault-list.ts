import { bootGuest } from './guest-command.ts';
import { type FaultRow, listFaults } from './inject.ts';

/** Boots a guest and asks its module. */
export async function readFaultList(
  kernel: string,
  progress: (message: string) => void,
  signal: AbortSignal,
): Promise<FaultRow[]> {
  const { guest } = await bootGuest({ kernel, cpus: 2, withoutTools: true, progress, signal }, () => {}, {
    keepControl: true,
  });
  try {
    return await listFaults(guest.control);
  } finally {
    await guest.close();
  }
}
