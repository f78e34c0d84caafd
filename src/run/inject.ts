import { messageOf } from '../base/errors.ts';
import type { Usable } from '../fault/faults.ts';
import { armFault, FAULTS, faultsFor, findFault } from '../fault/faults.ts';
import { type ModuleFaultRow, readModuleFaults } from '../fault/module-rows.ts';
import type { Outcome } from '../fault/outcome.ts';
import { type FaultRow, readParams } from '../fault/row.ts';
import type { FaultReport } from '../fault/target.ts';
import { readCapabilities } from '../guest/capabilities.ts';
import type { EventOf } from '../model/event.ts';
import { createFaultTarget } from './fault-target.ts';
import type { GuestUnderTest } from './guest-under-test.ts';
import { type LoadCounts, LoadWatch, since } from './load-watch.ts';
import { GUEST_PATHS } from './prepare.ts';
import type { Session } from './session.ts';

/** What became of an injected fault; no incident: nothing was reported within the time. */
export interface Injected {
  readonly name: string;
  readonly outcome: Outcome;
  /** One line for people. */
  readonly detail: string;
  readonly incident?: EventOf<'incident'>;
}

export interface InjectOptions {
  readonly under: GuestUnderTest;
  readonly session: Session;
  readonly signal: AbortSignal;
  /** Called when a fault of the module is done, with its row: some are only seen by who looks. */
  readonly look?: (fault: ModuleFaultRow) => Promise<void>;
  /** How long a fault is in force that leaves the guest working. */
  readonly seconds?: number;
  /** The kernel's configuration: it makes reasons better. */
  readonly config?: string;
}

const TRIGGER_MS = 60_000;
const REPORT_MS = 75_000;
const SECONDS = 10;

/** Triggers faults one after the other, each recovered before the next. Unknown names and parameters fail before the first. */
export async function injectFaults(options: InjectOptions, specs: readonly string[]): Promise<Injected[]> {
  if (specs.length === 0) return [];
  const { under, signal } = options;
  const own = await readModuleFaults(under.guest, under.module.name);
  const faults = specs.map((spec) => {
    const { name, arg } = parseSpec(spec);
    const row = findFault<FaultRow>(name, [...own, ...FAULTS]);
    readParams(row, arg);
    return { row, arg };
  });
  const usable = await usableFaults(options, faults);
  const results: Injected[] = [];
  for (const [index, { row, arg }] of faults.entries()) {
    if (signal.aborted) break;
    const lacks = usable[index]?.lacks;
    const mine = own.find((each) => each === row);
    if (mine !== undefined) results.push(await trigger(options, mine, arg));
    else if (lacks !== undefined) results.push({ name: row.name, outcome: 'skip', detail: lacks.why });
    else results.push(await armAndWatch(options, row, arg));
  }
  return results;
}

/** Faults of the module need nobody's leave: their detectors only decide on whether they are seen. */
async function usableFaults(
  { under, config }: InjectOptions,
  faults: readonly { readonly row: FaultRow }[],
): Promise<Usable[]> {
  const rows = faults.map(({ row }) => row);
  if (rows.every(({ group }) => group === 'module')) return rows.map((row) => ({ row }));
  return faultsFor(await capabilitiesOf(under, config), rows);
}

export function capabilitiesOf({ guest, module }: GuestUnderTest, config?: string) {
  return readCapabilities(guest, {
    module: module.name,
    fstype: module.fstype,
    mountPoint: GUEST_PATHS.mount,
    ...(module.device !== undefined && { device: module.device }),
    ...(config !== undefined && { config }),
  });
}

/** A fault of the module: what it does shows in a report. */
async function trigger(
  { under, session, signal, look }: InjectOptions,
  row: ModuleFaultRow,
  arg: string | undefined,
): Promise<Injected> {
  const before = session.lastSeq;
  // Not awaited: the child that triggers a fault may never come back.
  void under.fault(row.name, arg, TRIGGER_MS).then((done) => (done ? look?.(row) : undefined));
  const incident = await session.incidentAfter(before, REPORT_MS, signal);
  if (incident === undefined) return { name: row.name, outcome: 'handled', detail: 'nothing was reported' };
  return { name: row.name, outcome: 'report', detail: incident.title, incident };
}

/** A fault of what surrounds the module: the load meets it, and both are watched. */
async function armAndWatch(options: InjectOptions, row: FaultRow, arg: string | undefined): Promise<Injected> {
  const { under, session } = options;
  await session.idle();
  const load = new LoadWatch(under);
  try {
    return await underWatch(options, row, arg, load);
  } finally {
    load.close();
  }
}

async function underWatch(
  options: InjectOptions,
  row: FaultRow,
  arg: string | undefined,
  load: LoadWatch,
): Promise<Injected> {
  const { under, session, signal } = options;
  const before = await load.told();
  const seq = session.lastSeq;
  session.note({ record: 'guest', kind: 'fault', detail: { name: row.name, ...(arg !== undefined && { arg }) } });
  const armed = await armFault(row, createFaultTarget(under), arg);
  let report: FaultReport = { hits: 0, detail: 'what it hit is not known' };
  let incident: EventOf<'incident'> | undefined;
  let stays = '';
  try {
    const ms = row.leaves === 'broken' ? REPORT_MS : (options.seconds ?? SECONDS) * 1000;
    incident = await session.incidentAfter(seq, ms, signal);
    report = await armed.report().catch(() => report);
  } finally {
    // The guest may have been restored, or be about to be: then nothing of the fault is left.
    await session.idle();
    stays = await armed.release().then(
      () => '',
      async (error: unknown) => `; it could not be released: ${messageOf(error)}${await renewed(options)}`,
    );
  }
  const after = await load.told();
  // What was reported in the last moments is of the fault, too.
  incident ??= await session.incidentAfter(seq, 0, signal);
  const { outcome, detail } = judge(report, since(after, before), incident);
  return { name: row.name, outcome, detail: detail + stays, ...(incident !== undefined && { incident }) };
}

/** What a fault has left in a guest would be blamed on the next test. */
async function renewed({ under, session }: InjectOptions): Promise<string> {
  if (!under.snapshotAvailable) return '';
  const loaded = under.loadRunning;
  const done = await session
    .undisturbed(async () => {
      await under.restore();
      if (loaded) await under.startLoad();
    })
    .catch(() => false);
  return done ? ', so the guest was restored' : ', and the guest could not be restored';
}

function judge(
  report: FaultReport,
  load: LoadCounts,
  incident: EventOf<'incident'> | undefined,
): Pick<Injected, 'outcome' | 'detail'> {
  const detail = `${report.detail}; the load made ${load.operations} operations, ${load.errors} failed, ${load.noSpace} found no room, ${load.wrong} were wrong`;
  if (load.wrong > 0) return { outcome: 'wrong-data', detail };
  if (incident !== undefined)
    return {
      outcome: incident.classification === 'system-hang' ? 'hang' : 'report',
      detail: `${incident.title}; ${detail}`,
    };
  if (load.errors > 0 || load.noSpace > 0) return { outcome: 'error', detail };
  return { outcome: report.hits > 0 ? 'handled' : 'not-reached', detail };
}

function parseSpec(spec: string): { name: string; arg?: string } {
  const at = spec.indexOf('=');
  return at < 0 ? { name: spec } : { name: spec.slice(0, at), arg: spec.slice(at + 1) };
}
