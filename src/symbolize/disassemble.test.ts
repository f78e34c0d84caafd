import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { describe, expect, test } from 'vitest';
import { type Code, Disassembler } from './disassemble.ts';
import { findBinutils, MACHINES, type Machine, machineOfRegisters } from './programs.ts';

const [X86, I386, ARM64] = [MACHINES[62], MACHINES[3], MACHINES[183]] as [Machine, Machine, Machine];
const has = (machine: Machine) => findBinutils('objdump', machine) !== undefined;
const lines = (code: Code, machine: Machine) => new Disassembler().lines(code, machine);
const temporary = () => readdirSync(tmpdir()).filter((name) => name.startsWith('vexfs-trace-code-'));

describe('code bytes are read', () => {
  test.skipIf(!has(X86))('on x86, with a mark where the CPU was (needs objdump for x86)', async () => {
    const code = { bytes: '31 c0 48 89 78 08 31 c0 c3', width: 1, trap: 2 };
    expect(await lines(code, X86)).toEqual([
      '    0: 31 c0        xor %eax,%eax',
      '>   2: 48 89 78 08  mov %rdi,0x8(%rax)',
      '    6: 31 c0        xor %eax,%eax',
      '    8: c3           ret',
    ]);
    expect(await lines({ bytes: '40 89 42 08', width: 1, trap: 1 }, I386)).toEqual([
      '    0: 40        inc %eax',
      '>   1: 89 42 08  mov %eax,0x8(%edx)',
    ]);
    expect(temporary()).toEqual([]);
  });

  test.skipIf(!has(X86))(
    'from the byte from which instructions meet that of the CPU (needs objdump for x86)',
    async () => {
      // The first byte is the end of an instruction that the report does not show whole.
      const code = { bytes: '48 b8 00 00 0f 0b', width: 1, trap: 4 };
      expect(await lines(code, X86)).toEqual(['    2: 00 00  add %al,(%rax)', '>   4: 0f 0b  ud2']);
      expect((await lines({ bytes: '0f 0b', width: 1 }, X86))?.[0]).toBe('    0: 0f 0b  ud2');
    },
  );

  test.skipIf(!has(ARM64))('on arm64, whose instructions are printed as values (needs objdump for arm64)', async () => {
    expect(await lines({ bytes: '910003fd f9400000', width: 4, trap: 1 }, ARM64)).toEqual([
      '    0: 910003fd  mov x29, sp',
      '>   4: f9400000  ldr x0, [x0]',
    ]);
  });

  test.each([
    ['nothing', { bytes: '', width: 1 }],
    ['groups of several widths', { bytes: '0f 0b0b', width: 1 }],
    ['no digits', { bytes: 'zz zz', width: 1 }],
    ['more than a kernel prints', { bytes: '90 '.repeat(2000), width: 1 }],
    ['a trap outside', { bytes: '90 90', width: 1, trap: 400 }],
  ])('never from %s', async (_what, code) => {
    expect(await lines(code, X86)).toBeUndefined();
    expect(temporary()).toEqual([]);
  });
});

test.each([
  [['RAX', 'R10'], 'x86-64'],
  [['EAX', 'EBX'], 'i386'],
  [['x28', 'x29', 'x10'], 'arm64'],
  [['r10', 'r9'], 'arm'],
  [['gp', 'tp', 'a0'], 'riscv64'],
  [['GPR31'], 'ppc64'],
  [['PSWM', 'GPR1'], 's390x'],
  [[], undefined],
])('registers %j are those of %s', (names, machine) => {
  expect(machineOfRegisters(names)?.name).toBe(machine);
});
