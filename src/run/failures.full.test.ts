import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { findKernel } from '../guest/kernel.ts';
import { packageRoot } from '../guest/paths.ts';
import { createMatcher } from '../patterns/match.ts';
import { builtInPatterns } from './built-in.ts';
import { commandLine, recordFailure } from './failure-guest.ts';
import { GUESTS_DIR, readFailures } from './failure-table.ts';
import { withoutPaths } from './fault-run.ts';
import { matchRecorded, recordLog } from './recorded-log.ts';
import { isKernelThere, TEST_KERNELS } from './testing-kernels.ts';
import { readConsole, summaryOf } from './testing-summary.ts';
import { TOOL } from './version.ts';

/** RECORD_FIXTURES=1 keeps what each guest said in fixtures/guests, with how it came about. Without it nothing is booted: that takes the better part of an hour. */
const RECORD = process.env.RECORD_FIXTURES === '1';

describe.skipIf(!RECORD)('failures of guests', () => {
  test.each(readFailures())('$kernel: $name', async (failure) => {
    expect(isKernelThere(failure.kernel), `kernel ${failure.kernel} is on this machine`).toBe(true);
    const kernel = findKernel(TEST_KERNELS[failure.kernel]);
    const bytes = withoutPaths(await recordFailure(kernel, failure));
    write(failure.kernel, failure.name, bytes, {
      tool: TOOL,
      kernel: `${kernel.release} (${failure.kernel}), tcg, 2 CPUs`,
      configuration: failure.kernel,
      parameters: commandLine(kernel, failure),
      command: `RECORD_FIXTURES=1 npx vitest run --project full src/run/failures.full.test.ts -t '${failure.name}'`,
      fault: failure.name,
    });
    const matcher = createMatcher(await builtInPatterns(packageRoot()));
    const found = matchRecorded(recordLog([{ stream: 'file', bytes }]), matcher);
    const won = found.flatMap(({ matches: [best] }) => best?.pattern ?? []);
    console.log(`${failure.kernel} ${failure.name}: ${bytes.length} bytes, ${won.join(', ')}`);
    expect(won).toEqual(expect.arrayContaining(failure.patterns));
  });
});

/** What it gives becomes what it must give: to be read before it is believed. */
function write(folder: string, name: string, bytes: Buffer, provenance: object): void {
  const file = join(GUESTS_DIR, folder, name);
  mkdirSync(join(GUESTS_DIR, folder), { recursive: true });
  writeFileSync(`${file}.console`, bytes);
  const streams = { console: { bytes: bytes.length, cut: 0 } };
  const expected = summaryOf(readConsole(bytes));
  writeFileSync(`${file}.json`, `${JSON.stringify({ ...provenance, streams, expected }, null, 2)}\n`);
}
