import { readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { ExpectedError } from '../../base/errors.ts';
import type { MemoryDump } from '../../model/guest.ts';
import type { Qmp } from './qmp.ts';

const DUMP_MS = 150_000;

/**
 * Writes all of the guest's memory to a file that `crash` and `drgn` read: compressed in kdump's form where this QEMU can, else
 * ELF (qapi/dump.json). The CPUs stand still meanwhile. A dump that fails leaves no file.
 */
export async function dumpMemory(qmp: Qmp, file: string): Promise<MemoryDump> {
  const start = performance.now();
  const { formats } = (await qmp.execute('query-dump-guest-memory-capability')) as { formats: readonly string[] };
  const format = formats.includes('kdump-zlib') ? 'kdump-zlib' : 'elf';
  try {
    await untilDumped(qmp, { paging: false, protocol: `file:${file}`, format, detach: true });
  } catch (error) {
    rmSync(file, { force: true });
    throw error;
  }
  return { file, format, bytes: statSync(file).size, ms: Math.round(performance.now() - start) };
}

async function untilDumped(qmp: Qmp, args: Readonly<Record<string, unknown>>): Promise<void> {
  let off = () => {};
  let timer: NodeJS.Timeout | undefined;
  const dumped = new Promise<void>((resolve, reject) => {
    timer = setTimeout(
      () => reject(new ExpectedError('guest', `the dump took longer than ${DUMP_MS / 1000} s`)),
      DUMP_MS,
    );
    off = qmp.onEvent(({ event, data }) => {
      if (event !== 'DUMP_COMPLETED') return;
      if (data.error === undefined) resolve();
      else reject(new ExpectedError('guest', `the dump failed: ${String(data.error)}`));
    });
    qmp.onClose(() => reject(new ExpectedError('guest', 'QEMU ended during the dump')));
  });
  dumped.catch(() => {});
  try {
    await qmp.execute('dump-guest-memory', args);
    await dumped;
  } finally {
    clearTimeout(timer);
    off();
  }
}

/** A piece of the guest's physical memory, whatever its kernel is doing. */
export async function readMemory(qmp: Qmp, dir: string, address: number, size: number): Promise<Buffer> {
  const filename = join(dir, 'memory.part');
  try {
    await qmp.execute('pmemsave', { val: address, size, filename });
    return readFileSync(filename);
  } finally {
    rmSync(filename, { force: true });
  }
}
