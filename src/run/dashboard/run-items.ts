import { basename } from 'node:path';
import type { RecordingItem, RunDetail, RunItem, RunState, TestItem } from '../../model/dashboard.ts';
import type { RunSummary } from '../../store/queries.ts';
import { stateOf } from '../../store/retention.ts';
import type { AttemptRow, RunRow } from '../../store/tables.ts';
import type { Entry } from '../../stress/journal.ts';
import type { FolderRun } from './folder-runs.ts';

/** What two places say of the same run. */
export interface Known {
  readonly folder?: FolderRun;
  readonly row?: RunSummary;
  /** As the store has them. */
  readonly recordings: readonly RunRow[];
  readonly verdicts?: Readonly<Record<string, number>>;
}

/** A folder in which nothing was written for so long is that of a run that has ended, or was cut off. */
const SILENT_MS = 30_000;

export function stateOfRun(
  { folder, row }: Pick<Known, 'folder'> & { readonly row?: RunRow },
  now = Date.now(),
): RunState {
  if (row !== undefined && row.ended !== null) return 'ended';
  if (folder !== undefined && now - folder.touched < SILENT_MS) return folder.summary ? 'ended' : 'running';
  return row === undefined || folder?.summary === true ? 'ended' : stateOf(row, now);
}

export function runItem(known: Known): RunItem {
  const { folder, row } = known;
  const state = stateOfRun(known);
  const recordings = recordingItems(known, state);
  const [first] = recordings;
  const dir = folder?.folder ?? row?.capture ?? null;
  return {
    id: folder?.id ?? row?.id ?? '',
    kind: row?.kind ?? folder?.kind ?? 'import',
    name: dir === null ? (row?.id ?? '') : basename(dir),
    state,
    started: folder?.started ?? row?.started ?? null,
    ended: row?.ended ?? null,
    command: folder?.command ?? commandOf(row),
    kernel: row?.kernel ?? first?.kernel ?? null,
    module: row?.module ?? first?.module ?? null,
    recordings,
    ...{ events: row?.events ?? null, findings: row?.findings ?? null },
    ...{ incidents: row?.incidents ?? null, recovered: row?.recovered ?? null },
    verdicts: folder === undefined ? (known.verdicts ?? null) : verdictsOf(folder),
    kept: row?.kept === 1,
    stored: row !== undefined,
    folder: dir,
    measured: folder?.summary ?? false,
  };
}

function recordingItems({ folder, recordings, row }: Known, state: RunState): readonly RecordingItem[] {
  const items = new Map<string, RecordingItem>();
  for (const { id, name, info } of folder?.recordings ?? []) {
    const { kernel, module = null, guest = null } = info;
    items.set(id, { id, name, state, kernel: kernel?.release ?? null, module, guest });
  }
  const rows = recordings.length > 0 || row === undefined || row.kind === 'stress' ? recordings : [row];
  for (const { id, name, kernel, module, guest } of rows)
    if (!items.has(id)) items.set(id, { id, name: name ?? guest ?? id, state, kernel, module, guest });
  return [...items.values()];
}

function verdictsOf({ entries, kind }: FolderRun): Readonly<Record<string, number>> | null {
  if (kind !== 'stress') return null;
  const counts: Record<string, number> = {};
  for (const { final, verdict } of entries) if (final) counts[verdict] = (counts[verdict] ?? 0) + 1;
  return counts;
}

export function runDetail(item: RunItem, entries: readonly Entry[]): RunDetail {
  return { ...item, tests: entries.map(testItem) };
}

function testItem({
  id,
  test,
  domain,
  attempt,
  final,
  verdict,
  culprit,
  reason,
  durationMs,
  guest,
  findings,
}: Entry): TestItem {
  return {
    ...{ id, test, domain, attempt, final, verdict, culprit: culprit ?? null, reason, durationMs },
    ...{ guest: guest ?? null, findings },
  };
}

/** Attempts as the store has them: rows that cannot be read are passed over. */
export function entriesOf(rows: readonly AttemptRow[]): Entry[] {
  return rows.flatMap(({ body }) => {
    try {
      return [JSON.parse(body) as Entry];
    } catch {
      return [];
    }
  });
}

function commandOf(row: RunRow | undefined): readonly string[] {
  try {
    const command: unknown = JSON.parse(row?.command ?? '[]');
    return Array.isArray(command) ? command.map(String) : [];
  } catch {
    return [];
  }
}
