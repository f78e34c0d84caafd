import { ExpectedError } from '../base/errors.ts';
import type { Section } from './elf.ts';
import { findBinutils, findProgram, type Machine } from './programs.ts';

/** The command that answers for places in a section of a file. Undefined where the tool cannot tell the section from others. */
export type LineTool = (section: Section) => readonly string[] | undefined;

/**
 * Chooses what reads the line tables of a file. Sections of a relocatable file all begin at address 0. addr2line takes the
 * section as an option, so that each needs a process of its own; llvm-symbolizer does not, and is right for `.text` alone.
 * Fails when neither is installed.
 */
export function findLineTool(path: string, machine: Machine, relocatable: boolean): LineTool {
  const addr2line = findBinutils('addr2line', machine);
  if (addr2line !== undefined) {
    const argv = [addr2line, '-a', '-f', '-i', `--exe=${path}`];
    return ({ name }) => (relocatable ? [...argv, `--section=${name}`] : argv);
  }
  const llvm = findProgram(['llvm-symbolizer']);
  if (llvm === undefined) {
    throw new ExpectedError(
      'missing',
      `nothing is installed that reads the line numbers of ${path} (${machine.name}): addr2line or llvm-symbolizer`,
      `as root, run: apt-get install ${machine.native.includes(process.arch) ? 'binutils' : 'llvm'}`,
    );
  }
  const argv = [llvm, '--output-style=GNU', '-a', '-f', '-i', '--no-demangle', `--obj=${path}`];
  return ({ name }) => (relocatable && name !== '.text' ? undefined : argv);
}
