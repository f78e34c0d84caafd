/** Clocks of all threads as one of them knows them, by slot. Slots that are not there are 0. */
export type VectorClock = Uint32Array;

/** Sizes are powers of two, so that clocks which are joined in turns do not make each other grow. */
export function newClock(slots: number): VectorClock {
  return new Uint32Array(2 ** Math.ceil(Math.log2(Math.max(8, slots))));
}

function widened(clock: VectorClock, slots: number): VectorClock {
  if (clock.length >= slots) return clock;
  const wide = newClock(slots);
  wide.set(clock);
  return wide;
}

/** What both know; `into` is changed, or replaced where it is too short. */
export function joined(into: VectorClock, from: VectorClock): VectorClock {
  const wide = widened(into, from.length);
  for (let slot = 0; slot < from.length; slot++) {
    const theirs = from[slot] as number;
    if (theirs > (wide[slot] as number)) wide[slot] = theirs;
  }
  return wide;
}
