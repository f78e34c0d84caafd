import type { Block } from './block.ts';
import { utf8 } from './prefix.ts';
import type { Place } from './record.ts';

/** A frame of the deepest stack since boot: `stack_trace` of tracefs (kernel/trace/trace_stack.c, t_show). */
export interface StackDepthRecord extends Place {
  readonly kind: 'stack-depth';
  readonly index: number;
  /** Bytes from the stack's beginning to this frame's end; of the first frame the deepest use. */
  readonly depth: number;
  readonly size: number;
  readonly location: string;
}

const HEADING = /^ {2,16}Depth {2,8}Size {1,8}Location {2,8}\(\d{1,6} entries\)/;
const ROW = /^ {0,6}(\d{1,4})\) {1,10}(\d{1,7}) {1,10}(\d{1,7}) {1,10}(\S.*)$/;

/** Begins at the heading; null when the line is another. */
export function openStackDepth(line: string): Block<StackDepthRecord> | null {
  if (!HEADING.test(line)) return null;
  return {
    line(text, place, emit) {
      if (/^ *-----/.test(text) || text.trim() === '') return true;
      const [, index, depth, size, location = ''] = ROW.exec(text) ?? [];
      if (index === undefined) return false;
      const row = {
        index: Number(index),
        depth: Number(depth),
        size: Number(size),
        location: utf8(location).trimEnd(),
      };
      emit({ kind: 'stack-depth', ...row, ...place });
      return true;
    },
    end() {},
  };
}
