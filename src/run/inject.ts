import { ExpectedError } from '../base/errors.ts';
import { didYouMean } from '../base/text.ts';
import type { EventOf } from '../model/event.ts';
import type { Control } from '../model/guest.ts';
import type { GuestUnderTest } from './guest-under-test.ts';
import { ask } from './prepare.ts';
import type { Session } from './session.ts';

/** A fault as the module lists it. */
export interface FaultRow {
  readonly name: string;
  readonly classification: string;
  /** Detector without which the fault shows nothing in the log; `-` for none. */
  readonly needs: string;
  readonly about: string;
}

/** What became of an injected fault; no incident: nothing was reported within the time. */
export interface Injected {
  readonly name: string;
  readonly incident?: EventOf<'incident'>;
}

const TRIGGER_MS = 60_000;
const REPORT_MS = 75_000;

/** Reads the list from the module: `name class needs` and a description, separated by tabs. */
export async function listFaults(control: Control): Promise<FaultRow[]> {
  const answer = await ask(control, 'reading the list of faults', 'read', { path: '/sys/kernel/debug/vexfs/fault' });
  return answer.output.split('\n').flatMap((line) => {
    const [name, classification, needs, ...about] = line.split(/[\t ]+/);
    return name && classification && needs ? [{ name, classification, needs, about: about.join(' ') }] : [];
  });
}

/** `look` is called when a fault is done, with its row: some are only seen by who looks. */
export async function injectFaults(
  under: GuestUnderTest,
  session: Session,
  specs: readonly string[],
  signal: AbortSignal,
  look: (fault: FaultRow) => Promise<void> = async () => {},
): Promise<Injected[]> {
  if (specs.length === 0) return [];
  const faults = specs.map(parseSpec);
  const rows = await listFaults(under.guest.control);
  const known = rows.map(({ name }) => name);
  for (const { name } of faults) {
    if (known.includes(name)) continue;
    const near = didYouMean(name, known);
    throw new ExpectedError(
      'usage',
      `the module has no fault "${name}"${near === undefined ? '' : `, did you mean "${near}"?`}`,
      'run: vexfs-trace fault list',
    );
  }
  const results: Injected[] = [];
  for (const { name, arg } of faults) {
    if (signal.aborted) break;
    const before = session.lastSeq;
    // Not awaited: the child that triggers a fault may never come back.
    const row = rows.find((each) => each.name === name);
    void under.fault(name, arg, TRIGGER_MS).then((done) => (done && row !== undefined ? look(row) : undefined));
    const incident = await session.incidentAfter(before, REPORT_MS, signal);
    results.push({ name, ...(incident !== undefined && { incident }) });
  }
  return results;
}

function parseSpec(spec: string): { name: string; arg?: string } {
  const at = spec.indexOf('=');
  return at < 0 ? { name: spec } : { name: spec.slice(0, at), arg: spec.slice(at + 1) };
}
