import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { ExpectedError } from '../base/errors.ts';
import { PROFILE_NAMES } from '../model/kernel-profile.ts';
import { findKernel, listKernels } from './kernel.ts';
import { buildKernel } from './kernel-build.ts';
import { askedConfig, droppedOptions } from './kernel-build-profiles.ts';
import { kernelSource } from './kernel-build-source.ts';

let home: string;
let archives: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'vexfs-kernel-build-'));
  archives = join(home, 'src');
  mkdirSync(archives);
  vi.stubEnv('XDG_CACHE_HOME', home);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(home, { recursive: true });
});

test.each([
  ['all is there', 'CONFIG_A=y\n# CONFIG_B is not set\n', '# CONFIG_B is not set\nCONFIG_A=y\n', []],
  ['one is a module', 'CONFIG_A=y\n', 'CONFIG_A=m\n', ['CONFIG_A=y']],
  ['one is not known', 'CONFIG_A=y\nCONFIG_B=y\n', 'CONFIG_A=y\n', ['CONFIG_B=y']],
  ['one is on that shall be off', '# CONFIG_B is not set\n', 'CONFIG_B=y\n', ['# CONFIG_B is not set']],
  ['another number', 'CONFIG_N=120\n', 'CONFIG_N=12\n', ['CONFIG_N=120']],
  ['words about it', '# What every kernel has\n\nCONFIG_A=y\n', 'CONFIG_A=y\n', []],
])('%s', (_, asked, config, dropped) => {
  expect(droppedOptions(asked, config)).toEqual(dropped);
});

test.each(PROFILE_NAMES)('%s asks for each option once, and for a release of its own', (profile) => {
  const asked = askedConfig(profile);
  const names = [...asked.matchAll(/^(?:# )?(CONFIG_\w+)/gm)].map((match) => match[1]);
  expect(names.filter((name, i) => names.indexOf(name) !== i)).toEqual([]);
  expect(asked).toContain(`CONFIG_LOCALVERSION="-vexfs-${profile}"\n`);
});

test.each([
  ['linux-source-6.1', 'missing', 'linux-source-6.1'],
  ['linux-source-61', 'usage', 'is no source'],
  ['../etc', 'usage', 'is no source'],
])('source %s: exit %s', (name, exit, words) => {
  expect(() => kernelSource(name, archives)).toThrow(
    expect.objectContaining({ exit, message: expect.stringContaining(words) }),
  );
});

describe('a kernel is found by its profile', () => {
  test.each([
    ['fault', 'run: vexfs-trace guest kernel build --profile fault'],
    ['fautl', 'run: vexfs-trace guest kernel build --profile fault'],
  ])('%s, which is not built: %s', (name, hint) => {
    expect(() => findKernel(name)).toThrow(expect.objectContaining({ exit: 'missing', hint }));
  });
});

/** What the build calls of a kernel's make, in a source of a few lines. A header of a real bzImage gives it a release. */
const MAKEFILE = String.raw`
SHELL = /bin/bash
allnoconfig:
	echo configured >>$(O)/log
	grep -v DROPPED $(KCONFIG_ALLCONFIG) >$(O)/.config
olddefconfig:
	true
bzImage: $(O)/one.o $(O)/two.o
	@mkdir -p $(O)/arch/x86/boot
	@{ head -c 512 /dev/zero; printf '\0\0HdrS'; head -c 8 /dev/zero; printf '\0\2'; head -c 496 /dev/zero; printf '6.1.0-toy (x)\0'; head -c 999 /dev/zero; } >$(O)/arch/x86/boot/bzImage
	@echo symbols >$(O)/vmlinux
modules:
	@echo versions >$(O)/Module.symvers
$(O)/one.o:
	@echo "  CC      one.o"
	@echo one >>$(O)/log; touch $@
$(O)/two.o: $(O)/one.o
	@echo "  CC [M]  fs/two.o"
	@if [ -e "$$VEXFS_TEST_WAIT" ]; then echo waiting >$(O)/waiting; sleep 60; fi
	@echo two >>$(O)/log; touch $@
`;
const PROGRAMS =
  ['flex', 'bison', 'bc', 'pahole'].every((name) => existsSync(`/usr/bin/${name}`)) &&
  existsSync('/usr/include/gelf.h');

describe.skipIf(!PROGRAMS)('a build (of a toy; the programs that a real one needs have to be there)', () => {
  const objects = () => join(home, 'vexfs-trace/kernel-build/6.1-fault');
  const build = (signal = new AbortController().signal, progress: string[] = []) =>
    buildKernel({
      profile: 'fault',
      source: 'linux-source-6.1',
      archives,
      jobs: 1,
      signal,
      progress: (text) => void progress.push(text),
    });

  function pack(makefile = MAKEFILE): void {
    const dir = join(home, 'linux-source-6.1');
    mkdirSync(join(dir, 'include'), { recursive: true });
    writeFileSync(join(dir, 'Makefile'), makefile);
    writeFileSync(join(dir, 'include/a.h'), '');
    const archive = join(archives, 'linux-source-6.1.tar.xz');
    expect(spawnSync('tar', ['-cJf', archive, '-C', home, 'linux-source-6.1']).status).toBe(0);
  }

  test('puts the kernel where it is found by name, and is not made again', async () => {
    pack();
    const progress: string[] = [];
    const dir = await build(undefined, progress);
    expect(readdirSync(dir).sort()).toEqual([
      'asked.config',
      'bzImage',
      'config',
      'headers.tar.zst',
      'source-version',
      'vmlinux',
    ]);
    const kernel = findKernel('fault');
    expect(kernel).toMatchObject({ name: '6.1-fault', release: '6.1.0-toy', image: join(dir, 'bzImage') });
    expect(readdirSync(kernel.buildDir ?? '').sort()).toEqual(['.config', 'Makefile', 'Module.symvers', 'include']);
    expect(findKernel('6.1-fault').image).toBe(kernel.image);
    expect(listKernels().find(({ name }) => name === '6.1-fault')).toMatchObject({
      about: expect.stringContaining('6.1.0-toy'),
    });
    expect(existsSync(objects())).toBe(false);
    const again: string[] = [];
    expect(await build(undefined, again)).toBe(dir);
    expect([progress.length > 0, again]).toEqual([true, []]);
  });

  test('goes on after it was ended, and half a kernel is never found', async () => {
    pack();
    const gate = join(home, 'gate');
    writeFileSync(gate, '');
    vi.stubEnv('VEXFS_TEST_WAIT', gate);
    const stop = new AbortController();
    const first = build(stop.signal).catch((error) => error);
    await vi.waitUntil(() => existsSync(join(objects(), 'waiting')), { timeout: 30_000, interval: 10 });
    await expect(build()).rejects.toThrow(/somebody else builds/);
    stop.abort();
    expect(await first).toMatchObject({ exit: 'sigint' });
    expect(() => findKernel('fault')).toThrow(ExpectedError);
    rmSync(gate);
    writeFileSync(join(home, 'log'), readFileSync(join(objects(), 'log')));
    await build();
    // What was made before the end was not made again.
    expect(readFileSync(join(home, 'log'), 'utf8')).toBe('configured\none\n');
    expect(findKernel('fault').release).toBe('6.1.0-toy');
  });

  test.each([
    [
      'options that the source dropped',
      MAKEFILE.replace('DROPPED', 'CONFIG_FAILSLAB'),
      /lost options.*\n {2}CONFIG_FAILSLAB=y$/,
    ],
    [
      'a source that does not compile',
      MAKEFILE.replace('@echo one >>', '@echo one.c:1: nonsense >&2; exit 1; echo >>'),
      /make modules failed.*\n(?:.*\n)* {2}one\.c:1: nonsense/,
    ],
  ])('%s end it with words', async (_, makefile, words) => {
    pack(makefile);
    await expect(build()).rejects.toThrow(words);
    expect(() => findKernel('fault')).toThrow(ExpectedError);
  });
});
