/** Compares the release of a running kernel (`6.1.0-56-cloud-amd64`) with the range of a pattern. */
export function inKernelRange(
  kernel: string | undefined,
  since: string | undefined,
  until: string | undefined,
): boolean {
  const release = kernel === undefined ? [] : numbersOf(kernel);
  // A report that does not name its kernel may come from any.
  if (release.length === 0) return true;
  if (since !== undefined && compare(release, numbersOf(since)) < 0) return false;
  return until === undefined || compare(release, numbersOf(until)) <= 0;
}

function numbersOf(version: string): number[] {
  const [, numbers] = /^(\d{1,6}(?:\.\d{1,6}){0,2})/.exec(version) ?? [];
  return numbers === undefined ? [] : numbers.split('.').map(Number);
}

/** Only as many numbers count as the bound has, so that "until 6.1" holds for 6.1.55. */
function compare(release: readonly number[], bound: readonly number[]): number {
  for (const [i, part] of bound.entries()) {
    const difference = (release[i] ?? 0) - part;
    if (difference !== 0) return difference;
  }
  return 0;
}
