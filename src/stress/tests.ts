import type { Capability } from '../model/capability.ts';
import type { Domain } from '../model/test-run.ts';
import { ENDURANCE_TESTS, FAULT_TESTS } from './fault-tests.ts';
import {
  interfaces,
  leaksAcrossReload,
  loadAndUnload,
  loadTwice,
  loadWithNonsense,
  unloadWhileMounted,
} from './scenarios/module.ts';
import {
  mountConcurrent,
  mountCorrupt,
  mountCycles,
  mountInvalid,
  mountInvalidDevice,
  mountReadOnly,
  remountBusy,
  unmountBusy,
} from './scenarios/mount.ts';
import type { Scenario, Settings, Stage, StressTest } from './test.ts';

const scenario = (
  domain: Domain,
  stage: Stage,
  name: string,
  about: string,
  play: Scenario,
  more: Partial<Pick<StressTest, 'needs' | 'after' | 'provokes'>> = {},
): StressTest => ({
  name,
  domain,
  about,
  stage,
  needs: ['module'],
  after: [],
  ...more,
  body: { kind: 'scenario', play },
});

/** A check of vexcheck (kmod/README.md). */
const check = (domain: Domain, name: string, about: string, ...needs: readonly Capability[]): StressTest => ({
  name,
  domain,
  about,
  stage: 'mounted',
  needs,
  after: [],
  body: {
    kind: 'program',
    argv: ({ seconds, workers }, dir, seed) => [
      ...['/bin/vexcheck', 'run', name, '--dir', dir, '--seed', String(seed)],
      ...['--seconds', String(seconds), '--workers', String(workers)],
    ],
  },
});

/** A program that somebody else has written, where the guest has it. */
const foreign = (
  name: 'fio' | 'stress-ng',
  about: string,
  argv: (settings: Settings, dir: string, seed: number) => readonly string[],
): StressTest => ({
  ...{ name, domain: 'filesystem', about, stage: 'mounted', needs: ['module', name], after: [] },
  body: { kind: 'program', foreign: true, argv },
});

/** Every test there is; which of them a level runs, and how much of each, is in levels.ts. */
export const TESTS: readonly StressTest[] = [
  scenario('module', 'unloaded', 'load-unload', 'loads and unloads, whole and gone each time', loadAndUnload),
  scenario('module', 'unloaded', 'load-twice', 'what is loaded is not loaded again', loadTwice),
  scenario('module', 'unloaded', 'load-nonsense', 'a parameter that makes no sense is refused', loadWithNonsense, {
    needs: ['module', 'module-faults'],
    provokes: ['module-load-failure'],
  }),
  scenario('module', 'unmounted', 'interfaces', 'the names by which others find the module', interfaces),
  scenario('module', 'unmounted', 'unload-busy', 'a module in use stays', unloadWhileMounted),
  scenario('module', 'unloaded', 'leaks-across-reload', 'memory that does not come back', leaksAcrossReload, {
    after: ['load-unload'],
  }),
  scenario('filesystem', 'unmounted', 'mount-cycles', 'mounts and unmounts, counted', mountCycles),
  scenario('filesystem', 'unmounted', 'mount-invalid', 'what cannot be mounted is refused', mountInvalid),
  scenario('filesystem', 'unmounted', 'mount-invalid-device', 'devices that hold no filesystem', mountInvalidDevice, {
    needs: ['module', 'block-device', 'mkfs'],
    provokes: ['mount-failure'],
  }),
  scenario('safety', 'unmounted', 'mount-corrupt', 'a damaged superblock is refused, and mended', mountCorrupt, {
    needs: ['module', 'block-device', 'mkfs'],
    provokes: ['mount-failure'],
  }),
  scenario('filesystem', 'unmounted', 'mount-concurrent', 'many instances at once', mountConcurrent),
  scenario('filesystem', 'unmounted', 'unmount-busy', 'a mount in use stays', unmountBusy),
  scenario('filesystem', 'unmounted', 'mount-read-only', 'read-only means that nothing changes', mountReadOnly),
  scenario('filesystem', 'unmounted', 'remount-busy', 'a writer keeps the mount writable', remountBusy),
  check('filesystem', 'files', 'contents and sizes of files, against a model'),
  check('filesystem', 'names', 'names, links and folders, against a model'),
  check('filesystem', 'attributes', 'modes, owners, times and xattrs, against a model'),
  check('filesystem', 'handles', 'open files that are unlinked, linked, locked'),
  check('filesystem', 'threads', 'many workers, none of whose writes is torn or lost'),
  check('safety', 'permissions', 'who may do what, for each mode', 'root'),
  check('safety', 'space', 'a filesystem that is full says so, and takes back what is freed'),
  check('safety', 'calls', 'calls with arguments that make no sense'),
  check('safety', 'interrupts', 'signals in the middle of calls'),
  check('vector', 'vectors', 'vectors and searches, against exact arithmetic', 'vectors'),
  check('performance', 'speed', 'how fast operations are'),
  {
    ...{ name: 'pressure', domain: 'safety', about: 'memory, CPUs and disk busy beside the load', stage: 'load' },
    ...{ needs: ['module'], after: [], load: true },
    body: {
      kind: 'program',
      argv: ({ seconds, workers }, dir) => [
        ...['/bin/vexcheck', 'pressure', '--memory', '25%', '--cpu', String(workers), '--io', dir],
        ...['--seconds', String(seconds)],
      ],
    },
  },
  // Reads beside the writes, or blocks of several sizes, would be called wrong on any filesystem once the time is over.
  foreign('fio', 'random writes of fio, each block verified', ({ seconds, workers }, dir, seed) => [
    ...['/tools/bin/fio', '--name=verify', `--directory=${dir}`, '--rw=randwrite', '--bs=4k', '--size=2m'],
    ...['--ioengine=psync', '--thread', `--numjobs=${workers}`, '--time_based', `--runtime=${seconds}`],
    ...['--verify=crc32c', '--verify_fatal=1', '--verify_backlog=64', `--randseed=${seed}`, '--unlink=1'],
    '--output-format=terse',
  ]),
  foreign('stress-ng', 'the filesystem stressors of stress-ng', ({ seconds, workers }, dir, seed) => [
    ...['/tools/bin/stress-ng', '--temp-path', dir, '--timeout', `${seconds}s`, '--seed', String(seed), '--verify'],
    ...['--dentry', String(workers), '--link', '1', '--rename', '1', '--utime', '1', '--dir', '1', '--filename', '1'],
  ]),
  ...ENDURANCE_TESTS,
  ...FAULT_TESTS,
];
