import { expect, test } from 'vitest';
import { describeStack, parseRegisters, parseWords, stackOf } from './cpu-stacks.ts';
import { KernelSymbols } from './kernel-symbols.ts';

/** What QEMU 7.2 printed of a guest whose CPUs spun with interrupts off, shortened. */
const REGISTERS = `
CPU#0
RAX=000000000001ad40 RBX=0000000000000000 RCX=0000000000000001 RDX=4000000000000000
RSI=0000000000000083 RDI=00000000000609b4 RBP=ffffffffa701aa40 RSP=ffffffffa7003e98
RIP=ffffffffa6017a0b RFL=00000246 [---Z-P-] CPL=0 II=0 A20=1 SMM=0 HLT=1
CPU#1
RAX=0000000000000001 RBX=0000000000000000 RCX=0000000000000001 RDX=4000000000000000
RSI=0000000000000083 RDI=00000000000609b4 RBP=ffffffffa701aa40 RSP=ff383bede5208000
RIP=ffffffffc0123033 RFL=00000046 [---Z-P-] CPL=0 II=0 A20=1 SMM=0 HLT=0
`;
const SYMBOLS = new KernelSymbols([
  { at: 0xffffffffc0123000n, name: '[vexfs] spin' },
  { at: 0xffffffffa6017a00n, name: 'default_idle' },
  { at: 0xffffffffa6000000n, name: 'do_syscall_64' },
]);

test('registers and the words on a stack become where a CPU is and where it came from', () => {
  const [idle, spinning] = parseRegisters(REGISTERS);
  expect([idle?.halted, idle?.masked, spinning?.halted, spinning?.masked]).toEqual([true, false, false, true]);
  const words = parseWords(
    'ff383bede5208000: 0x0000000000000001 0xffffffffa6000010\nff383bede5208010: 0xffffffffa6017a02 0xdeadbeefdeadbeef\n',
  );
  expect(spinning && describeStack(stackOf(spinning, words, SYMBOLS))).toBe(
    'CPU 1 in [vexfs] spin+0x33 from do_syscall_64+0x10, interrupts off',
  );
  expect(idle && describeStack(stackOf(idle, [], SYMBOLS))).toBe('CPU 0 in default_idle+0xb, halted');
  expect(spinning && stackOf(spinning, words, SYMBOLS).stack).toEqual(['do_syscall_64+0x10', 'default_idle+0x2']);
});

test('without symbols the address is what is known', () => {
  const [, spinning] = parseRegisters(REGISTERS);
  expect(spinning && describeStack(stackOf(spinning, [], undefined))).toBe(
    'CPU 1 in 0xffffffffc0123033, interrupts off',
  );
});

test.each(['', 'CPU#', 'CPU#0\nRIP=zz', `CPU#0\n${'RIP='.repeat(10_000)}`])('nonsense is no CPU', (text) => {
  expect(parseRegisters(text)).toEqual([]);
});

test.each([
  [0n, undefined],
  [0xffffffffa5ffffffn, undefined],
  [0xffffffffa6000000n, 'do_syscall_64+0x0'],
  [0xffffffffffffffffn, undefined],
])('%i is %s', (address, name) => {
  expect(SYMBOLS.name(address)).toBe(name);
});
