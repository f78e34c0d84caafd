import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { claimFolder } from '../base/claim.ts';
import { ExpectedError } from '../base/errors.ts';
import { seeded, shuffled } from '../base/random.ts';
import { didYouMean } from '../base/text.ts';
import type { Outcome } from '../fault/outcome.ts';
import { OPERATIONS, openPoint, POINTS, type Point } from '../fault/points.ts';
import { findKernel } from '../guest/kernel.ts';
import type { CapabilityTable } from '../model/capability.ts';
import { type Finding, isFinding } from '../model/event.ts';
import { type Attached, type AttachPorts, attach } from './attach.ts';
import { runEntry } from './campaign-entry.ts';
import { type CampaignEntry, CampaignJournal, type CampaignPlan } from './campaign-journal.ts';
import { createFaultTarget } from './fault-target.ts';
import { capabilitiesOf } from './inject.ts';
import { GUEST_PATHS } from './prepare.ts';

/** Either a new campaign or one to go on with. */
export type CampaignStart =
  | { readonly folder: string; readonly plan: Omit<CampaignPlan, 'schema'> }
  | { readonly resume: string };

interface CampaignPorts extends AttachPorts {
  readonly onEntry?: (entry: CampaignEntry) => void;
}

/** Every point × every operation, the first call that fails first, until no call of the operation is left. */
export async function runCampaign(
  start: CampaignStart,
  ports: CampaignPorts,
): Promise<{ readonly plan: CampaignPlan; readonly entries: readonly CampaignEntry[] }> {
  const folder = 'resume' in start ? start.resume : start.folder;
  const plan = 'plan' in start ? checked(start.plan) : undefined;
  if (plan !== undefined) mkdirSync(folder, { recursive: true });
  const giveBack = await claimFolder(folder);
  try {
    const journal =
      plan === undefined
        ? CampaignJournal.resume(folder)
        : CampaignJournal.begin(folder, { schema: 'vexfs-trace/campaign/1', ...plan });
    return await carryOut(journal, folder, ports);
  } finally {
    giveBack();
  }
}

async function carryOut(
  journal: CampaignJournal,
  folder: string,
  ports: CampaignPorts,
): Promise<{ readonly plan: CampaignPlan; readonly entries: readonly CampaignEntry[] }> {
  const findings: Finding[] = [];
  try {
    const attached = await attach(
      {
        kernel: journal.plan.kernel,
        cpus: 2,
        points: true,
        captureDir: freeFolder(folder),
        recover: true,
        trace: false,
        probes: false,
        patterns: [],
        command: ['fault', 'campaign'],
      },
      {
        ...ports,
        onEvent: (event) => {
          if (isFinding(event)) findings.push(event);
          ports.onEvent(event);
        },
      },
    );
    try {
      await sweep(attached, journal, findings, ports);
    } finally {
      await attached.close();
    }
  } finally {
    journal.close();
  }
  return journal;
}

/** All pairs, in the order that the seed gives. What a guest cannot do is an entry with its reason. */
async function sweep(
  attached: Attached,
  journal: CampaignJournal,
  findings: Finding[],
  { signal, onEntry }: CampaignPorts,
): Promise<void> {
  const { under, session } = attached;
  const target = createFaultTarget(under);
  const capabilities = await capabilitiesOf(under, findKernel(journal.plan.kernel).config);
  const add = (entry: CampaignEntry) => {
    journal.add(entry);
    onEntry?.(entry);
  };
  for (const { point, op } of inOrder(journal.plan)) {
    if (journal.next(point.name, op) === undefined) continue;
    const lacks = lackOf(point, op, capabilities);
    if (lacks !== undefined) {
      add({ point: point.name, op, nth: 1, outcome: 'skip', detail: lacks, ms: 0 });
      continue;
    }
    /** The boot for which the guest was brought to where the operation begins. */
    let readyIn = -1;
    for (
      let nth = journal.next(point.name, op);
      nth !== undefined && !signal.aborted;
      nth = journal.next(point.name, op)
    ) {
      await session.idle();
      // A recovery between two entries leaves another guest.
      if (readyIn !== under.boots) {
        await prepare(attached, op);
        await openPoint(target, point);
        readyIn = under.boots;
      }
      const mark = findings.length;
      const entry = await runEntry(
        {
          target,
          fstype: under.module.fstype,
          module: { file: `${GUEST_PATHS.module}/${under.module.name}.ko`, params: under.module.params },
          findings: () => findings.slice(mark),
        },
        { point: point.name, op, nth },
      );
      add(entry);
      // What broke is recovered by the session; what hangs or is wrong it may not know of. Either way the next begins on a fresh guest.
      const spoilt = SPOILT.has(entry.outcome);
      if (spoilt && !(await renew(attached)) && !signal.aborted)
        throw new ExpectedError(
          'guest',
          'the guest broke and could not be restored',
          'what was done is kept: go on by --resume',
        );
    }
    if (signal.aborted) return;
  }
  await session.idle();
}

/** What the guest may not be right after. */
const SPOILT: ReadonlySet<Outcome> = new Set(['report', 'hang', 'wrong-data']);

/** `load` needs the module out of the way, everything else needs it mounted. */
async function prepare({ under }: Attached, op: string): Promise<void> {
  if (op === 'load') {
    if (!under.moduleLoaded) return;
    await under.unmount();
    await under.unloadModule();
  } else if (!under.moduleLoaded) {
    await under.loadModule();
    await under.mount();
  }
}

/** What an operation does in a guest that is gone would look like a hang, each time. False: there is no fresh guest. */
async function renew({ session, under }: Attached): Promise<boolean> {
  await session.idle();
  return session.undisturbed(() => under.restore());
}

function lackOf(point: Point, op: string, capabilities: CapabilityTable): string | undefined {
  const needs = [...point.needs, ...(VECTORS.has(op) ? (['vectors'] as const) : [])];
  const lacking = needs.find((need) => !capabilities[need].has);
  return lacking === undefined ? undefined : capabilities[lacking].why;
}

const VECTORS: ReadonlySet<string> = new Set(['vector-add', 'search', 'stats']);

/** Seed 0 leaves the order as it is listed. */
function inOrder(plan: CampaignPlan): readonly { point: Point; op: string }[] {
  const pairs = pairsOf(plan);
  return plan.seed === 0 ? pairs : shuffled(pairs, seeded(plan.seed));
}

function pairsOf({ points, ops }: CampaignPlan): { point: Point; op: string }[] {
  return points.flatMap((name) => {
    const point = POINTS.find((each) => each.name === name);
    return point === undefined ? [] : ops.map((op) => ({ point, op }));
  });
}

function checked(plan: Omit<CampaignPlan, 'schema'>): Omit<CampaignPlan, 'schema'> {
  check(
    'point',
    plan.points,
    POINTS.map(({ name }) => name),
  );
  check('operation', plan.ops, OPERATIONS);
  return plan;
}

function check(what: string, names: readonly string[], known: readonly string[]): void {
  for (const name of names) {
    if (known.includes(name)) continue;
    const near = didYouMean(name, known);
    const hint = near === undefined ? '' : `, did you mean "${near}"?`;
    throw new ExpectedError('usage', `there is no ${what} "${name}"${hint}`, `there are ${known.join(', ')}`);
  }
}

/** Each part of a campaign has a recording of its own. */
function freeFolder(folder: string): string {
  mkdirSync(folder, { recursive: true });
  const taken = readdirSync(folder).filter((name) => existsSync(join(folder, name, 'capture.json'))).length;
  return join(folder, `run-${taken + 1}`);
}
