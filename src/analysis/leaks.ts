import type { LeakSample, LeakSite, QuiescePoint } from '../model/leak-sample.ts';
import { BoundedMap } from './bounded.ts';

/** A place in the module that allocates what is never given back. */
export interface Leak {
  /** Its innermost function that has the allocation made. */
  readonly fn: string;
  /** `unloaded`: the module is gone and the objects are not. `growing`: there are more at each quiesce point. */
  readonly certainty: 'unloaded' | 'growing';
  readonly objects: number;
  readonly bytes: number;
  /** Objects that are leaked even if all frees that went unseen were theirs. */
  readonly atLeast: number;
  readonly missedFrees: number;
  /** Objects at the last quiesce points, the oldest first. */
  readonly counts: readonly number[];
  /** Objects from one quiesce point to the next, the median of all pairs (Theil-Sen); null of a single point. */
  readonly slope: number | null;
  /** Those that allocate most first. */
  readonly stacks: readonly LeakSite[];
}

/** Quiesce points at each of which there must be more than at the one before, beside the first. */
const GROWTHS = 3;
const MAX_PLACES = 1024;
const MAX_STACKS = 8;

/** Objects and unseen frees at a quiesce point. */
interface Point {
  readonly count: number;
  readonly missed: number;
}

interface Place {
  /** The last ones. */
  readonly points: Point[];
  told: Leak['certainty'] | null;
}

/**
 * Leaks of one module, from what is outstanding at quiesce points. Age says nothing: caches keep what they have, and so does a
 * filesystem that is mounted. An object is leaked when the module is gone and it is not; a place leaks when it has more objects at each of
 * several points where it should have none or as many as before. Unseen frees count against a leak, and where nobody knows how many there were,
 * nothing is said.
 */
export class Leaks {
  readonly #module: string;
  readonly #places = new BoundedMap<string, Place>(MAX_PLACES);
  /** The last quiesce points, as a place saw them that had nothing. */
  readonly #empty: Point[] = [];
  #disturbed = false;

  constructor(module: string) {
    this.#module = module;
  }

  /** A task may have died in the kernel with what it had: that is no leak of the module's code. */
  disturb(): void {
    this.#disturbed = true;
  }

  /** Why nothing is concluded from a sample; null when something is. */
  whyNot({ missedFrees }: LeakSample): 'disturbed' | 'frees unseen' | null {
    if (this.#disturbed) return 'disturbed';
    return missedFrees === null ? 'frees unseen' : null;
  }

  sample(point: QuiescePoint, sample: LeakSample): Leak[] {
    const { missedFrees, cut } = sample;
    if (missedFrees === null || this.whyNot(sample) !== null) return [];
    const found = new Map<string, LeakSite[]>();
    for (const site of sample.sites) {
      const key = this.#placeOf(site);
      const sites = found.get(key);
      if (sites === undefined) found.set(key, [site]);
      else sites.push(site);
    }
    for (const [key, place] of this.#places.entries()) {
      if (found.has(key)) continue;
      // It has none, or there was no room to tell how many.
      if (cut) place.points.length = 0;
      else add(place.points, 0, missedFrees);
    }
    const leaks = [...found].flatMap(([key, sites]) => {
      const place = this.#place(key);
      add(place.points, sum(sites, 'count'), missedFrees);
      const certainty = judge(point, place);
      if (certainty === null || place.told === certainty || place.told === 'unloaded') return [];
      place.told = certainty;
      return leakOf(this.#innermost(sites[0]), certainty, place, sites);
    });
    if (cut) this.#empty.length = 0;
    else add(this.#empty, 0, missedFrees);
    return leaks;
  }

  #place(key: string): Place {
    let place = this.#places.get(key);
    if (place === undefined) {
      place = { points: this.#places.evicted > 0 ? [] : [...this.#empty], told: null };
      this.#places.set(key, place);
    }
    return place;
  }

  /** Instructions that call the allocator, in the innermost function of the module. */
  #placeOf(site: LeakSite): string {
    const { fn = '', offset = '' } = this.#innermost(site) ?? {};
    return `${fn}+${offset}`;
  }

  #innermost(site: LeakSite | undefined): LeakSite['frames'][number] | undefined {
    return site?.frames.find(({ module }) => module === this.#module) ?? site?.frames[0];
  }
}

function add(points: Point[], count: number, missed: number): void {
  points.push({ count, missed });
  if (points.length > GROWTHS + 1) points.shift();
}

function judge(point: QuiescePoint, { points }: Place): Leak['certainty'] | null {
  const last = points.at(-1);
  if (last === undefined) return null;
  if (point === 'unloaded') return last.count > last.missed ? 'unloaded' : null;
  if (points.length <= GROWTHS) return null;
  const grows = points.every((now, i) => {
    const before = points[i - 1];
    return before === undefined || now.count - before.count > now.missed - before.missed;
  });
  return grows ? 'growing' : null;
}

function leakOf(
  frame: LeakSite['frames'][number] | undefined,
  certainty: Leak['certainty'],
  { points }: Place,
  sites: readonly LeakSite[],
): Leak {
  const [first, last] = [points[0], points.at(-1)];
  const missedFrees = last?.missed ?? 0;
  const objects = last?.count ?? 0;
  const grown = objects - (certainty === 'growing' ? (first?.count ?? 0) : 0);
  const missed = missedFrees - (certainty === 'growing' ? (first?.missed ?? 0) : 0);
  return {
    fn: frame?.fn ?? '',
    certainty,
    objects,
    bytes: sum(sites, 'bytes'),
    atLeast: grown - missed,
    missedFrees,
    counts: points.map(({ count }) => count),
    slope: slopeOf(points.map(({ count }) => count)),
    stacks: [...sites].sort(wholeFirst).slice(0, MAX_STACKS),
  };
}

/** Of calls that are made often not each has its stack taken: what is left of those is the call alone. */
function wholeFirst(one: LeakSite, other: LeakSite): number {
  const alone = Number(one.frames.length === 1) - Number(other.frames.length === 1);
  return alone === 0 ? other.count - one.count : alone;
}

function slopeOf(counts: readonly number[]): number | null {
  const slopes = counts.flatMap((from, i) => counts.slice(i + 1).map((to, j) => (to - from) / (j + 1)));
  slopes.sort((one, other) => one - other);
  const middle = slopes.length >> 1;
  const [low, high] = [slopes[slopes.length % 2 === 1 ? middle : middle - 1], slopes[middle]];
  return low === undefined || high === undefined ? null : (low + high) / 2;
}

function sum(sites: readonly LeakSite[], member: 'count' | 'bytes'): number {
  return sites.reduce((all, site) => all + site[member], 0);
}
