import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runningBuildId } from './running-build-id.ts';
import { buildSample, noSample } from './testing.ts';

const why = noSample();

test.skipIf(why !== '')(`the notes of a running module name its build${why}`, () => {
  const sample = buildSample();
  const sys = mkdtempSync(join(tmpdir(), 'vexfs-trace-sys-'));
  try {
    const notes = join(sys, 'notes');
    execFileSync('objcopy', ['-O', 'binary', '--only-section=.note.gnu.build-id', sample.module, notes]);
    const told = execFileSync('readelf', ['-n', sample.module], { encoding: 'utf8' });
    const buildId = /Build ID: ([0-9a-f]+)/.exec(told)?.[1];
    mkdirSync(join(sys, 'module/sample/notes'), { recursive: true });
    mkdirSync(join(sys, 'kernel'));
    writeFileSync(join(sys, 'module/sample/notes/.note.gnu.build-id'), readFileSync(notes));
    // The kernel has others before its own: a note of type 3 of Xen is no build id.
    const xen = Buffer.from('040000000800000003000000' + '58656e00' + '0000000000000000', 'hex');
    writeFileSync(join(sys, 'kernel/notes'), Buffer.concat([xen, readFileSync(notes)]));
    expect(runningBuildId('sample', sys)).toBe(buildId);
    expect(runningBuildId('vmlinux', sys)).toBe(buildId);
    expect(runningBuildId('other', sys)).toBeUndefined();
    expect(runningBuildId('../kernel', sys)).toBeUndefined();
    writeFileSync(join(sys, 'kernel/notes'), xen);
    expect(runningBuildId('vmlinux', sys)).toBeUndefined();
  } finally {
    for (const dir of [sys, sample.dir]) rmSync(dir, { recursive: true });
  }
});
