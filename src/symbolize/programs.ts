import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** What the tools of binutils call a processor. */
export interface Machine {
  /** For people. */
  readonly name: string;
  /** What a program that was built for it here begins with. */
  readonly triple: string;
  /** Name that `objdump -m` knows. */
  readonly objdump: string;
  /** How an instruction lies in memory whose value the kernel prints. */
  readonly bigEndian?: true;
  /** Values of `process.arch` on which the programs without prefix read it. */
  readonly native: readonly string[];
}

/** By e_machine (include/uapi/linux/elf-em.h). */
export const MACHINES: Readonly<Record<number, Machine>> = {
  3: { name: 'i386', triple: 'i686-linux-gnu', objdump: 'i386', native: ['x64', 'ia32'] },
  21: {
    name: 'ppc64',
    triple: 'powerpc64le-linux-gnu',
    objdump: 'powerpc:common64',
    bigEndian: true,
    native: ['ppc64'],
  },
  22: { name: 's390x', triple: 's390x-linux-gnu', objdump: 's390:64-bit', bigEndian: true, native: ['s390x'] },
  40: { name: 'arm', triple: 'arm-linux-gnueabihf', objdump: 'arm', native: ['arm'] },
  62: { name: 'x86-64', triple: 'x86_64-linux-gnu', objdump: 'i386:x86-64', native: ['x64'] },
  183: { name: 'arm64', triple: 'aarch64-linux-gnu', objdump: 'aarch64', native: ['arm64'] },
  243: { name: 'riscv64', triple: 'riscv64-linux-gnu', objdump: 'riscv:rv64', native: ['riscv64'] },
};

/** A register that only this processor has, in small letters. */
const REGISTERS: readonly (readonly [name: string, machine: number])[] = [
  ['rax', 62],
  ['eax', 3],
  ['x29', 183],
  ['r10', 40],
  ['gp', 243],
  ['gpr31', 21],
  ['pswm', 22],
];

/** The machine of a report, by the names of the registers that it shows. */
export function machineOfRegisters(names: readonly string[]): Machine | undefined {
  const shown = new Set(names.map((name) => name.toLowerCase()));
  const row = REGISTERS.find(([name]) => shown.has(name));
  return row && MACHINES[row[1]];
}

/** The path of a program of binutils that reads files of the machine; undefined when there is none. */
export function findBinutils(tool: string, { triple, native }: Machine): string | undefined {
  return findProgram([...(native.includes(process.arch) ? [tool] : []), `${triple}-${tool}`]);
}

/** The first of the names that is in a folder of PATH. */
export function findProgram(names: readonly string[]): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  return names.flatMap((name) => folders.map((folder) => join(folder, name))).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
