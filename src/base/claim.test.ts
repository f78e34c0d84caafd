import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { claimFolder } from './claim.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'claim-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

test('a folder has one owner at a time, by whatever name it is called', async () => {
  const giveBack = await claimFolder(folder);
  const other = `${folder}-link`;
  symlinkSync(folder, other);
  await expect(claimFolder(folder)).rejects.toThrow(/is being worked in by another vexfs-trace/);
  await expect(claimFolder(other)).rejects.toThrow(/is being worked in/);
  rmSync(other);
  giveBack();
  (await claimFolder(folder))();
});

test('what a killed process had is free', async () => {
  const outfile = join(folder, 'claim.mjs');
  await build({
    entryPoints: [join(import.meta.dirname, 'claim.ts')],
    ...{ bundle: true, platform: 'node', format: 'esm', outfile },
  });
  const program = `
    const { claimFolder } = await import(process.argv[1]);
    await claimFolder(process.argv[2]);
    console.log('mine');
    setInterval(() => {}, 1e6);`;
  const owner = spawn(process.execPath, ['--input-type=module', '-e', program, outfile, folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [said] = await once(owner.stdout, 'data');
  expect(String(said)).toBe('mine\n');
  await expect(claimFolder(folder)).rejects.toThrow(/is being worked in/);
  owner.kill('SIGKILL');
  await once(owner, 'exit');
  (await claimFolder(folder))();
});
