import { findBinutils, type Machine } from './programs.ts';
import { runProgram } from './run-program.ts';

/** `<17>   DW_AT_comp_dir    : (indirect line string, offset: 0x13): /usr/src/linux`, the whole line. */
const FOLDER = /DW_AT_comp_dir *: *(?:\([^)\n]*\): *)?([^\n]+)\n/;

/**
 * The folder in which the first unit of a file was compiled, which addr2line puts before the names of sources. readelf is ended
 * as soon as it has said that. Undefined where it is not installed or does not say.
 */
export async function readCompileDir(path: string, machine: Machine): Promise<string | undefined> {
  const readelf = findBinutils('readelf', machine);
  if (readelf === undefined) return undefined;
  const text = await runProgram(readelf, ['--debug-dump=info', '--dwarf-depth=1', path], (part) => FOLDER.test(part));
  return FOLDER.exec(text)?.[1]?.trim();
}
