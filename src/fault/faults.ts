import { ExpectedError } from '../base/errors.ts';
import { didYouMean } from '../base/text.ts';
import type { Capability, CapabilityTable } from '../model/capability.ts';
import { DEVICE_ROWS } from './device-rows.ts';
import { ENVIRONMENT_ROWS } from './environment-rows.ts';
import { KERNEL_ROWS } from './kernel-rows.ts';
import { MACHINE_ROWS } from './machine-rows.ts';
import { type FaultRow, readParams } from './row.ts';
import type { Armed, FaultTarget } from './target.ts';

/** All faults but those of the module, which says itself what it has (`readModuleFaults`). */
export const FAULTS: readonly FaultRow[] = [...KERNEL_ROWS, ...ENVIRONMENT_ROWS, ...DEVICE_ROWS, ...MACHINE_ROWS];

/** A fault and whether it can be used on a guest. */
export interface Usable {
  readonly row: FaultRow;
  /** Why it cannot; absent: it can. */
  readonly lacks?: { readonly capability: Capability; readonly why: string };
}

/** Every row with the first of its needs that the guest does not meet. */
export function faultsFor(capabilities: CapabilityTable, rows: readonly FaultRow[] = FAULTS): Usable[] {
  return rows.map((row) => {
    const capability = row.needs.find((need) => !capabilities[need].has);
    return capability === undefined ? { row } : { row, lacks: { capability, why: capabilities[capability].why } };
  });
}

/** The row of this name. Throws a usage error that knows better. */
export function findFault<Row extends { readonly name: string }>(name: string, rows: readonly Row[]): Row {
  const found = rows.find((row) => row.name === name);
  if (found !== undefined) return found;
  const near = didYouMean(
    name,
    rows.map((row) => row.name),
  );
  throw new ExpectedError(
    'usage',
    `there is no fault "${name}"${near === undefined ? '' : `, did you mean "${near}"?`}`,
    'run: vexfs-trace fault list',
  );
}

/**
 * Puts a fault in force with the parameters that `text` gives (`key=value,…`). Whoever arms releases, whatever happens in
 * between; the guest may have been restored by then. Fails without having changed anything that stays.
 */
export function armFault(row: FaultRow, target: FaultTarget, text = ''): Promise<Armed> {
  return row.arm(target, readParams(row, text));
}
