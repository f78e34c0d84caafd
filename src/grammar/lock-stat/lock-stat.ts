import type { Block } from '../ftrace/block.ts';
import { utf8 } from '../ftrace/prefix.ts';
import type { Place } from '../ftrace/record.ts';

/** Where a lock class was waited for, or held meanwhile. */
export interface LockPoint {
  readonly count: number;
  readonly symbol: string;
}

interface Times {
  readonly min: number;
  readonly max: number;
  readonly total: number;
}

/** A lock class of /proc/lock_stat (kernel/locking/lockdep_proc.c, seq_stats). Times are microseconds. */
export interface LockClassRecord extends Place {
  readonly kind: 'lock-class';
  readonly name: string;
  /** `R` and `W` of locks that are taken in both ways; empty of others. */
  readonly mode: 'R' | 'W' | '';
  readonly contentions: number;
  readonly contentionBounces: number;
  readonly wait: Times;
  readonly acquisitions: number;
  readonly acquisitionBounces: number;
  readonly hold: Times;
  readonly waiters: readonly LockPoint[];
  readonly holders: readonly LockPoint[];
  /** The file says that lock debugging was off: the numbers are old. */
  readonly stale: boolean;
}

/** Begins at `lock_stat version 0.4`; null when the line is another. */
export function openLockStat(line: string): Block<LockClassRecord> | null {
  return /^lock_stat version \d/.test(line) ? new LockStat() : null;
}

/** The class's name may hold anything: the numbers are counted from the right. 0.4 has averages, 0.3 has none. */
const NUMBERS = /((?: {1,30}\d{1,18}(?:\.\d{1,4})?){10}(?:(?: {1,30}\d{1,18}(?:\.\d{1,4})?){2})?)\s*$/;
const POINT = / {1,60}(\d{1,18}) {1,40}\[<[\da-f]{1,16}>\] (.+)$/;
const MAX_POINTS = 16;
type Open = LockClassRecord & { readonly waiters: LockPoint[]; readonly holders: LockPoint[] };

class LockStat implements Block<LockClassRecord> {
  #stale = false;
  #open: Open | null = null;
  /** Rules of dashes behind the class's row: the waiters stand behind the first, the holders behind the second. */
  #rules = 0;

  line(text: string, place: Place, emit: (record: LockClassRecord) => void): boolean {
    if (text.startsWith('*WARNING*')) this.#stale = true;
    if (text.trim() === '' || text.startsWith('*WARNING*')) return true;
    if (/^[-.]{20,}\s*$/.test(text) || /^ +class name +con-bounces/.test(text)) {
      this.end(emit);
      return true;
    }
    if (/^ {1,60}-{3,60}\s*$/.test(text)) {
      this.#rules += 1;
      return true;
    }
    const point = POINT.exec(text);
    if (point !== null && this.#open !== null) {
      const points = this.#rules > 1 ? this.#open.holders : this.#open.waiters;
      if (points.length < MAX_POINTS) points.push({ count: Number(point[1]), symbol: utf8(point[2] ?? '').trim() });
      this.#open = { ...this.#open, endByte: place.endByte };
      return true;
    }
    this.end(emit);
    const row = rowOf(text, this.#stale, place);
    this.#open = row;
    this.#rules = 0;
    return row !== null;
  }

  end(emit: (record: LockClassRecord) => void): void {
    if (this.#open !== null) emit(this.#open);
    this.#open = null;
  }
}

function rowOf(text: string, stale: boolean, place: Place): Open | null {
  const found = NUMBERS.exec(text);
  const head = found === null ? '' : text.slice(0, found.index);
  if (found === null || !head.endsWith(':')) return null;
  const n = (found[1] ?? '').trim().split(/ +/).map(Number);
  const at = (i: number) => n[i] ?? 0;
  const second = n.length === 12 ? 6 : 5;
  const times = (from: number): Times => ({ min: at(from), max: at(from + 1), total: at(from + 2) });
  const [, name = '', mode = ''] = /^(.*?)(?:-([RW]))?:$/.exec(utf8(head).trimStart()) ?? [];
  return {
    ...{ kind: 'lock-class', name, mode: mode as LockClassRecord['mode'] },
    ...{ contentionBounces: at(0), contentions: at(1), wait: times(2) },
    ...{ acquisitionBounces: at(second), acquisitions: at(second + 1), hold: times(second + 2) },
    ...{ waiters: [], holders: [], stale, ...place },
  };
}
