import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildLeakProbe } from '../guest/image.ts';
import { leakSampleSchema } from '../model/leak-sample.ts';

/** What kallsyms calls a module: the code of BPF programs on a kernel that has no others. */
const MODULE = /^(?!0{16})[0-9a-f]{16} [tT] \S+\t\[(\w+)\]$/m.exec(readFileSync('/proc/kallsyms', 'latin1'))?.[1];
const CAN = MODULE !== undefined && process.getuid?.() === 0 && existsSync('/sys/kernel/btf/vmlinux');

/** The guest's program, on the kernel of this machine. */
describe.skipIf(!CAN)(`what watches allocations${CAN ? '' : ' (not root, no BTF, or no modules)'}`, () => {
  let program = '';
  const run = (...args: readonly string[]) => {
    const { status, stdout } = spawnSync(program, args);
    return { status, answer: JSON.parse(stdout.toString()) };
  };
  beforeAll(() => {
    program = buildLeakProbe('x86_64').from;
  }, 60_000);
  afterAll(() => {
    run('stop');
  });

  test('it begins, tells what is there, and leaves nothing', () => {
    expect(run('start', MODULE ?? '')).toEqual({
      status: 0,
      answer: { start: expect.stringMatching(/^0x[0-9a-f]+000$/), end: expect.any(String), bulk: expect.any(Boolean) },
    });
    const { status, answer } = run('sample', '0');
    expect(status).toBe(0);
    expect(leakSampleSchema.parse(answer)).toMatchObject({ missedAllocations: 0, cut: false });
    expect(run('stop')).toEqual({ status: 0, answer: {} });
    expect(existsSync('/sys/fs/bpf/vexfs-leaks')).toBe(false);
  });

  test('what is not there is said', () => {
    expect(run('sample', '0')).toEqual({
      status: 1,
      answer: { error: 'what was watched: No such file or directory' },
    });
    expect(run('start', 'no_such_module')).toEqual({
      status: 1,
      answer: { error: 'functions of the module: No such file or directory' },
    });
  });
});
