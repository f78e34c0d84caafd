import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ARCHES, toolPrefix } from '../guest/arch.ts';
import { findKernel } from '../guest/kernel.ts';
import { packageRoot } from '../guest/paths.ts';
import { type Finding, isFinding } from '../model/event.ts';
import { type FaultOutcome, runFault } from './fault-run.ts';
import { FAULT_TABLE, type KernelName, SILENT_FAULTS } from './fault-table.ts';
import { checkReplay } from './replay.ts';
import { openTestGuest, type TestGuest } from './testing.ts';
import { isKernelThere, TEST_KERNELS } from './testing-kernels.ts';
import { TOOL } from './version.ts';

/** RECORD_FIXTURES=1 keeps the streams of every row in fixtures/, with their provenance. */
const RECORD = process.env.RECORD_FIXTURES === '1';
const WAIT_MS = 90_000;
const CLEAN_MS = Number(process.env.CLEAN_LOAD_SECONDS ?? 120) * 1000;

const inPlace = new Set<string>();

for (const [name, kernel] of Object.entries(TEST_KERNELS) as [KernelName, string][]) {
  const there = isKernelThere(name);
  describe.skipIf(!there)(`kernel ${name}${there ? '' : ' (not on this machine)'}`, () => {
    let guest: TestGuest;
    beforeAll(async () => {
      guest = await openTestGuest({ kernel, load: { stress: true }, probes: RECORD });
    });
    afterAll(() => guest?.close());

    test('the module builds without a warning', () => {
      const { buildDir = '', arch } = findKernel(kernel);
      const target = [`ARCH=${ARCHES[arch].kernelArch}`, `CROSS_COMPILE=${toolPrefix(arch)}`];
      const dir = mkdtempSync(join(tmpdir(), 'vexfs-build-'));
      cpSync(join(packageRoot(), 'kmod'), dir, { recursive: true });
      const { status, stdout, stderr } = spawnSync('make', ['-C', buildDir, `M=${dir}`, ...target, 'W=1', 'modules'], {
        encoding: 'utf8',
      });
      rmSync(dir, { recursive: true });
      expect({ status, warnings: `${stdout}${stderr}`.match(/^.*warning:.*$/gm) }).toEqual({
        status: 0,
        warnings: null,
      });
    });

    test('a clean load gives no finding', { timeout: CLEAN_MS + 60_000 }, async () => {
      const mark = guest.events.length;
      await guest.attached.run(CLEAN_MS);
      expect(
        guest.events
          .slice(mark)
          .filter(isFinding)
          .map(({ title }) => title),
      ).toEqual([]);
      expect(guest.attached.session.status().state).toBe('under load');
    });

    test.each(FAULT_TABLE.filter((row) => row.kernel === name))(
      '$fault is $kind: $title',
      async ({ fault, kind, title }) => {
        const outcome = await runFault(guest, fault, WAIT_MS, recording(name, guest, fault));
        report(name, outcome);
        const found = outcome.findings.find((finding) => finding.kind === kind);
        expect({ kinds: outcome.findings.map((finding) => finding.kind), title: found?.title }).toMatchObject({
          title,
        });
        expect(outcome.incident?.outcome).toBe('recovered');
        expect(found?.corrupted).toBe(false);
        if (found !== undefined && found.source.stream === 'console' && !ONE_LINERS.has(kind)) expectWhole(found);
      },
    );

    test.each(SILENT_FAULTS)('%s is never reported', async (fault) => {
      const { findings } = await runFault(guest, fault, 8000);
      expect(findings.map((finding) => finding.title)).toEqual([]);
    });

    test('a replay gives the same events', async () => {
      await guest.attached.close();
      expect(guest.warnings).toEqual([]);
      const signal = new AbortController().signal;
      expect(
        await checkReplay(guest.captureDir, { patterns: [], signal, warn: (text) => expect(text).toBe('') }),
      ).toEqual([]);
    });
  });
}

test('at least four faults are recovered without a restore', () => {
  expect(inPlace.size).toBeGreaterThanOrEqual(4);
});

/** Kinds that are a line of their own, without stack or task. */
const ONE_LINERS: ReadonlySet<string> = new Set(['mount-failure', 'fs-error', 'slab-corruption']);
/** Lists the locks of a task and no stack (lockdep_sys_exit in kernel/locking/lockdep.c). */
const STACKLESS: ReadonlySet<string> = new Set(['lockdep-locks-held']);

function expectWhole(finding: Finding): void {
  const frames = finding.stacks.flatMap(({ frames }) => frames);
  // Memory runs out in whoever asks next, which need not be the module.
  if (finding.kind === 'oom') expect(frames.map(({ fn }) => fn)).toContain('out_of_memory');
  else if (!STACKLESS.has(finding.kind)) expect(frames.some(({ module }) => module === 'vexfs')).toBe(true);
  if (finding.kind !== 'kcsan-data-race')
    expect(finding.context).toMatchObject({ pid: expect.any(Number), comm: expect.any(String) });
}

function report(kernel: string, { fault, findings, incident, recoveredBy, recoveries, seconds }: FaultOutcome): void {
  const recovered = incident?.outcome === 'recovered' && recoveredBy !== undefined;
  if (recovered && !recoveries.some(({ kind }) => kind === 'restore-snapshot' || kind === 'reset-guest'))
    inPlace.add(fault);
  const kinds = findings.map(({ kind }) => kind).join(', ');
  console.log(
    `${kernel.padEnd(6)} ${fault.padEnd(20)} ${kinds.padEnd(44)} ${(recoveredBy ?? 'not recovered').padEnd(18)} ${seconds.toFixed(1)} s`,
  );
}

function recording(name: KernelName, guest: TestGuest, fault: string) {
  if (!RECORD) return undefined;
  const provenance = {
    tool: TOOL,
    kernel: guest.attached.under.guest.describe,
    configuration: name,
    command: `vexfs-trace attach --kernel ${name} --stress --inject ${fault}`,
  };
  return { dir: join(packageRoot(), 'fixtures/guests', name), provenance };
}
