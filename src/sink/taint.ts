/** What the letters of `Tainted:` say (kernel/panic.c taint_flags). */
const FLAGS: Readonly<Record<string, string>> = {
  P: 'proprietary module',
  F: 'module forced in',
  S: 'out of specification',
  R: 'module forced out',
  M: 'machine check',
  B: 'bad page',
  U: 'asked for by user space',
  D: 'died before',
  A: 'ACPI table overridden',
  W: 'warned before',
  C: 'staging driver',
  I: 'firmware bug worked around',
  O: 'out-of-tree module',
  E: 'unsigned module',
  L: 'soft lockup before',
  K: 'live patched',
  X: 'set by the distribution',
  T: 'built with randstruct',
  N: 'in-kernel test',
  J: 'fwctl used',
};

/** `GOE (out-of-tree module, unsigned module)`. */
export function taintText(taint: string): string {
  const words = [...taint].slice(0, 32).flatMap((flag) => FLAGS[flag] ?? []);
  return words.length === 0 ? taint : `${taint} (${words.join(', ')})`;
}
