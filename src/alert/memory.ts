import type { Condition } from './condition.ts';
import type { When } from './rule-schema.ts';

/** Memory in use, of the host and of each guest. */
export function memory({ above, of }: NonNullable<When['memory']>): Condition {
  const used = new Map<string, number>();
  return {
    event(event, _, lane) {
      if (event.event !== 'metric' || event.kind !== 'resource' || (of !== undefined && event.name !== of))
        return false;
      const { values } = event;
      const percent =
        typeof values === 'object' && values !== null && 'memoryPercent' in values && values.memoryPercent;
      if (typeof percent !== 'number') return false;
      used.set(event.name === 'host' ? 'host' : lane, percent / 100);
      return true;
    },
    holding: () =>
      [...used].flatMap(([machine, value]) =>
        value > above
          ? [{ labels: { machine }, value, text: `${machine} uses ${Math.round(value * 100)} % of its memory` }]
          : [],
      ),
    due: undefined,
  };
}
