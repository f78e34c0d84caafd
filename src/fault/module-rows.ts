import type { Capability } from '../model/capability.ts';
import { CAPABILITIES } from '../model/capability.ts';
import type { ControlledGuest } from '../model/guest.ts';
import type { FaultRow } from './row.ts';

/** Time for the child that triggers a fault; it may never come back. */
const TRIGGER_MS = 60_000;

/** A fault of the module's own, with what the module says of it. */
export interface ModuleFaultRow extends FaultRow {
  readonly classification: string;
  /** The module's word for the detector without which the log shows nothing; `-` for none. */
  readonly detector: string;
}

/**
 * The faults that the module lists in debugfs: `name class needs` and a description, separated by tabs. Empty where it has
 * none, or has not been told to have them.
 */
export async function readModuleFaults(guest: ControlledGuest, module: string): Promise<ModuleFaultRow[]> {
  const path = `/sys/kernel/debug/${module}/fault`;
  const answer = await guest.control.request('read', { path });
  if (answer.status !== 0) return [];
  return answer.output.split('\n').flatMap((line) => {
    const [name, classification, detector, ...about] = line.split(/[\t ]+/);
    return name && classification && detector ? [row(path, name, classification, detector, about.join(' '))] : [];
  });
}

function row(path: string, name: string, classification: string, detector: string, about: string): ModuleFaultRow {
  return {
    name,
    group: 'module',
    about,
    classification,
    detector,
    needs: ['module-faults', ...CAPABILITIES.filter((each): each is Capability => each === detector)],
    parameters: [{ name: 'arg', default: '', unit: '', about: 'a number, where the fault takes one' }],
    leaves: 'broken',
    arm: async ({ guest }, { arg }) => {
      // Not awaited: who triggers a fault may be killed by it, or wait for ever.
      const state = { done: false, status: 0 };
      const fields = { name, path, ...(arg !== '' && { arg }) };
      void guest.control.request('fault', fields, { timeoutMs: TRIGGER_MS }).then(
        ({ status }) => Object.assign(state, { done: true, status }),
        () => {},
      );
      return {
        report: async () => ({
          hits: 1,
          detail: state.done ? `the trigger ended with ${state.status}` : 'the trigger has not come back',
        }),
        release: async () => {
          await guest.control.request('fault', { name: 'release', path }, { timeoutMs: 5000 }).catch(() => {});
        },
      };
    },
  };
}
