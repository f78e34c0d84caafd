import { messageOf } from '../../base/errors.ts';
import type { Comparison } from '../../model/comparison.ts';
import type { RunComparison } from '../../model/dashboard.ts';
import { compareRuns, readSide } from '../compare-runs.ts';
import type { IncidentGroups } from './incident-groups.ts';
import { type Known, runItem } from './run-items.ts';

/** Two runs: figures of tests where both have been summed up, and failures in any case. */
export async function compareKnown(a: Known, b: Known, groups: IncidentGroups): Promise<RunComparison> {
  const [before, after] = [await groups.of(a), await groups.of(b)];
  const findings = [...new Set([...before.keys(), ...after.keys()])].map((fingerprint) => {
    const [old, fresh] = [before.get(fingerprint), after.get(fingerprint)];
    const status = old === undefined ? 'new' : fresh === undefined ? 'gone' : 'known';
    const title = fresh?.title ?? old?.title ?? '';
    return { fingerprint, title, status, before: old?.count ?? 0, after: fresh?.count ?? 0 } as const;
  });
  const order = ['new', 'known', 'gone'];
  findings.sort((x, y) => order.indexOf(x.status) - order.indexOf(y.status) || (x.title < y.title ? -1 : 1));
  return { a: runItem(a), b: runItem(b), ...measured(a, b), findings };
}

function measured(a: Known, b: Known): { readonly measured: Comparison | null; readonly why: string | null } {
  const [one, other] = [a.folder, b.folder];
  if (one === undefined || other === undefined || !one.summary || !other.summary)
    return {
      measured: null,
      why: 'figures are compared of two runs of tests that have ended and whose folders are there',
    };
  try {
    const comparison = compareRuns(readSide(one.folder), [readSide(other.folder)], {
      metrics: [],
      acrossMachines: true,
    });
    return { measured: comparison, why: null };
  } catch (error) {
    return { measured: null, why: messageOf(error) };
  }
}
