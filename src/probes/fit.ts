import type { TraceCapabilities } from './check.ts';
import type { Need, Probe } from './probe.ts';

/** The probe with the names that functions have on that kernel. */
export function fitProbe(probe: Probe, has: TraceCapabilities): Probe {
  let { text } = probe;
  for (const need of probe.needs) {
    if (need.kind !== 'kprobe' || need.or === undefined) continue;
    const name = functionThere(need, has);
    if (name !== need.name) text = text.replace(new RegExp(`\\b(kprobe|kretprobe):${need.name}\\b`, 'g'), `$1:${name}`);
  }
  return text === probe.text ? probe : { ...probe, text };
}

/**
 * With CONFIG_DEBUG_LOCK_ALLOC functions that take a lock are macros for those named `_nested` (include/linux/mutex.h); that
 * decides where nobody has listed the functions.
 */
function functionThere(need: Need & { kind: 'kprobe' }, { functions, config }: TraceCapabilities): string {
  const names = [need.name, ...(need.or ?? [])];
  const nested = names.find((name) => name.endsWith('_nested'));
  const found = functions
    ? names.find((name) => functions.has(name))
    : config?.has('CONFIG_DEBUG_LOCK_ALLOC')
      ? nested
      : undefined;
  return found ?? need.name;
}
