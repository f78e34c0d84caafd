import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runCli } from './testing.ts';
import { untilNothingIsLeft } from './testing-leftovers.ts';

test('the demo ends well', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'vexfs-demo-'));
  try {
    const { code, stdout, stderr } = await runCli(['demo'], undefined, { cwd: dir });
    expect(stderr).not.toContain('warning:');
    // With all that was said when one fails: it cannot be had again.
    expect(stdout.match(/^ {2}ok /gm) ?? [], stdout).toHaveLength(6);
    expect(code).toBe(0);
    expect(await untilNothingIsLeft()).toEqual([]);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
});
