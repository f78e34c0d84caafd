import { FAULTS, faultsFor } from '../fault/faults.ts';
import { readModuleFaults } from '../fault/module-rows.ts';
import type { FaultRow } from '../fault/row.ts';
import { readCapabilities } from '../guest/capabilities.ts';
import type { CapabilityTable } from '../model/capability.ts';
import { bootGuest } from './guest-command.ts';
import { GUEST_PATHS } from './prepare.ts';

/** A fault and whether the guest can have it. */
export interface ListedFault {
  readonly name: string;
  readonly group: FaultRow['group'];
  readonly about: string;
  readonly parameters: FaultRow['parameters'];
  /** Class of what a fault of the module gives. */
  readonly classification?: string;
  /** Why it cannot be used there; absent: it can. */
  readonly lacks?: string;
}

export interface FaultList {
  readonly kernel: string;
  readonly fstype: string;
  readonly capabilities: CapabilityTable;
  readonly faults: readonly ListedFault[];
}

/** Boots a guest and asks it what it is capable of, and its module what faults it has. */
export async function readFaultList(
  kernel: string,
  progress: (message: string) => void,
  signal: AbortSignal,
): Promise<FaultList> {
  const booted = await bootGuest({ kernel, cpus: 2, progress, signal }, () => {}, { keepControl: true });
  const { guest } = booted;
  try {
    const own = await readModuleFaults(guest, 'vexfs');
    const capabilities = await readCapabilities(guest, {
      module: 'vexfs',
      fstype: 'vexfs',
      mountPoint: GUEST_PATHS.mount,
      config: booted.kernel.config,
    });
    const classes = new Map(own.map(({ name, classification }) => [name, classification]));
    const faults = faultsFor(capabilities, [...FAULTS, ...own]).map(({ row, lacks }) => ({
      name: row.name,
      group: row.group,
      about: row.about,
      parameters: row.parameters,
      ...(classes.has(row.name) && { classification: classes.get(row.name) ?? '' }),
      ...(lacks !== undefined && { lacks: lacks.why }),
    }));
    return { kernel: booted.kernel.release, fstype: 'vexfs', capabilities, faults };
  } finally {
    await guest.close();
  }
}
