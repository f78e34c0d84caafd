import type { IncidentGroup, IncidentGroupDetail } from '../../model/dashboard.ts';
import type { Event, Finding } from '../../model/event.ts';
import { findingGroups, findingsOf } from '../../store/dashboard-queries.ts';
import type { KnownRuns } from './known-runs.ts';
import type { FindingReader, Seen } from './recorded-findings.ts';
import type { Known } from './run-items.ts';
import type { StoreAccess } from './store-access.ts';

/** Recordings that are in no store and are read for their findings: the last of them. */
const MAX_READ = 60;
const MAX_OCCURRENCES = 50;
const MAX_EXAMPLES = 5000;

/** A time that a failure was seen, or several of one recording. */
interface Sighting {
  readonly fingerprint: string;
  readonly title: string;
  readonly run: string;
  readonly recording: string;
  readonly count: number;
  readonly first: string | null;
  readonly last: string | null;
  readonly whole?: Finding;
}

/** Failures by fingerprint over all runs, those of the store and those of folders that it does not have. */
export class IncidentGroups {
  readonly #store: StoreAccess;
  readonly #runs: KnownRuns;
  readonly #reader: FindingReader;
  readonly #examples = new Map<string, Finding | undefined>();

  constructor(store: StoreAccess, runs: KnownRuns, reader: FindingReader) {
    this.#store = store;
    this.#runs = runs;
    this.#reader = reader;
  }

  /** Those in which every word of `search` stands somewhere, the last seen first. */
  async search(search: string): Promise<readonly IncidentGroup[]> {
    const words = search.toLowerCase().split(/\s+/).filter(Boolean);
    const groups = await this.#groups(await this.#sightings(() => true));
    return groups
      .filter((group) => {
        const text = `${group.title} ${group.kind} ${group.fingerprint} ${group.guiltyFile} ${group.severity} ${group.pattern ?? ''}`;
        return words.every((word) => text.toLowerCase().includes(word));
      })
      .sort((a, b) => ((a.last ?? '') < (b.last ?? '') ? 1 : -1));
  }

  async group(fingerprint: string): Promise<IncidentGroupDetail | undefined> {
    const [group] = await this.#groups(await this.#sightings((each) => each === fingerprint));
    if (group === undefined) return undefined;
    const stored = await this.#store.ask((database) => findingsOf(database, fingerprint, MAX_OCCURRENCES), []);
    const occurrences = stored.map(({ run: recording, parent, seq, wall, test }) => ({
      ...{ run: parent ?? recording, recording, seq, wall, test },
    }));
    for (const { run, recording, findings } of await this.#recorded())
      for (const { fingerprint: each, seq, wall, test } of findings)
        if (each === fingerprint) occurrences.push({ run, recording, seq, wall, test });
    occurrences.sort((a, b) => ((a.wall ?? '') < (b.wall ?? '') ? 1 : -1));
    return {
      ...group,
      occurrences: occurrences.slice(0, MAX_OCCURRENCES),
      example: (await this.#example(fingerprint)) ?? null,
    };
  }

  /** How often each failure was seen in a run. */
  async of(run: Known): Promise<ReadonlyMap<string, { readonly title: string; readonly count: number }>> {
    const id = run.folder?.id ?? run.row?.id ?? '';
    const counts = new Map<string, { title: string; count: number }>();
    for (const { fingerprint, title, count, run: of } of await this.#sightings(() => true, run)) {
      if (of !== id) continue;
      const known = counts.get(fingerprint);
      counts.set(fingerprint, { title, count: count + (known?.count ?? 0) });
    }
    return counts;
  }

  async #groups(sightings: readonly Sighting[]): Promise<IncidentGroup[]> {
    const groups = new Map<string, Sighting[]>();
    for (const sighting of sightings)
      groups.set(sighting.fingerprint, [...(groups.get(sighting.fingerprint) ?? []), sighting]);
    const made: IncidentGroup[] = [];
    for (const [fingerprint, all] of groups) {
      const example = all.find(({ whole }) => whole !== undefined)?.whole ?? (await this.#example(fingerprint));
      const times = (which: 'first' | 'last') => all.flatMap((each) => each[which] ?? []).sort();
      made.push({
        fingerprint,
        title: example?.title ?? all[0]?.title ?? '',
        kind: example?.kind ?? '',
        severity: example?.severity ?? 'major',
        guiltyFile: example?.guiltyFile ?? '',
        pattern: example?.matches[0]?.pattern ?? null,
        count: all.reduce((sum, { count }) => sum + count, 0),
        runs: [...new Set(all.map(({ run }) => run))],
        first: times('first')[0] ?? null,
        last: times('last').at(-1) ?? null,
      });
    }
    return made;
  }

  /** `run`: one whose recordings are read in any case. */
  async #sightings(wanted: (fingerprint: string) => boolean, run?: Known): Promise<readonly Sighting[]> {
    const stored = await this.#store.ask((database) => findingGroups(database), []);
    const sightings: Sighting[] = stored.flatMap(({ fingerprint, run: recording, parent, n, title, first, last }) =>
      fingerprint === null || !wanted(fingerprint)
        ? []
        : [{ fingerprint, title: title ?? '', run: parent ?? recording, recording, count: n, first, last }],
    );
    for (const { run: id, recording, findings } of await this.#recorded(run))
      for (const { fingerprint, title, wall, whole } of findings)
        if (wanted(fingerprint))
          sightings.push({
            ...{ fingerprint, title, run: id, recording, count: 1, first: wall, last: wall },
            ...(whole !== undefined && { whole }),
          });
    return sightings;
  }

  /** Findings of recordings that the store does not have. */
  async #recorded(also?: Known) {
    const all = await this.#runs.all();
    const bare = all.filter(({ row, folder }) => row === undefined && folder !== undefined).slice(0, MAX_READ);
    if (also?.row === undefined && also?.folder !== undefined && !bare.includes(also)) bare.push(also);
    const read: { readonly run: string; readonly recording: string; readonly findings: readonly Seen[] }[] = [];
    for (const { folder } of bare)
      for (const { id, dir } of folder?.recordings ?? []) {
        const { findings } = await this.#reader.findings(dir);
        read.push({ run: folder?.id ?? id, recording: id, findings });
        for (const { fingerprint, whole } of findings) if (whole !== undefined) this.#examples.set(fingerprint, whole);
      }
    return read;
  }

  async #example(fingerprint: string): Promise<Finding | undefined> {
    if (this.#examples.has(fingerprint)) return this.#examples.get(fingerprint);
    const [row] = await this.#store.ask((database) => findingsOf(database, fingerprint, 1), []);
    const finding = row === undefined ? undefined : (parse(row.body) as Finding | undefined);
    if (this.#examples.size >= MAX_EXAMPLES) this.#examples.clear();
    if (finding !== undefined) this.#examples.set(fingerprint, finding);
    return finding;
  }
}

function parse(body: string): Event | undefined {
  try {
    return JSON.parse(body) as Event;
  } catch {
    return undefined;
  }
}
