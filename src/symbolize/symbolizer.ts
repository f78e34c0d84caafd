import type { Finding } from '../model/event.ts';
import type { Frame } from '../model/stack.ts';
import type { SourceFrame } from './line-answer.ts';
import { isReturnAddress } from './return-address.ts';
import type { SourcePaths } from './source-path.ts';
import type { SymbolFile } from './symbol-file.ts';
import type { SymbolSet } from './symbol-set.ts';
import type { CodePlace } from './symbol-table.ts';

/** What of a report is looked up. */
export interface Traces {
  readonly stacks: Finding['stacks'];
  /** The instruction pointer, where the report names it. */
  readonly trap?: Pick<Frame, 'fn' | 'offset' | 'size'>;
  /** By module, `vmlinux` for the kernel; undefined where it is not known. */
  readonly buildId: (name: string) => string | undefined;
}

/** A frame that may be looked up, with where it stands. */
interface Wanted {
  readonly frame: Frame;
  readonly offset: number;
  readonly size: number;
  readonly returns: boolean;
}

/** What the kernel itself is called among build ids. */
const KERNEL = 'vmlinux';

/**
 * Gives frames their place in the source and puts the inlined functions before the one that they are part of. Frames of a file
 * that is not of the report's build stay as they are, and the file is named in a warning, once.
 */
export class Symbolizer {
  readonly #files: SymbolSet;
  readonly #paths: SourcePaths;
  readonly #warn: (message: string) => void;
  readonly #warned = new Set<SymbolFile>();

  constructor(files: SymbolSet, paths: SourcePaths, warn: (message: string) => void) {
    this.#files = files;
    this.#paths = paths;
    this.#warn = warn;
  }

  async symbolize(traces: Traces): Promise<Finding['stacks']> {
    const byModule = new Map<string | undefined, Wanted[]>();
    for (const wanted of wantedOf(traces)) {
      const { module } = wanted.frame;
      const same = byModule.get(module);
      if (same === undefined) byModule.set(module, [wanted]);
      else same.push(wanted);
    }
    const sources = new Map<Frame, readonly SourceFrame[]>();
    for (const [module, wanted] of byModule) {
      const file = this.#files.fileOf(module);
      if (file !== undefined) await this.#locate(file, wanted, traces.buildId(module ?? KERNEL), sources);
    }
    return traces.stacks.map((stack) => ({
      ...stack,
      frames: stack.frames.flatMap((frame) => expanded(frame, sources.get(frame) ?? [])),
    }));
  }

  async #locate(
    file: SymbolFile,
    wanted: readonly Wanted[],
    buildId: string | undefined,
    into: Map<Frame, readonly SourceFrame[]>,
  ): Promise<void> {
    if (buildId !== undefined && file.buildId !== undefined && !isSameBuild(buildId, file.buildId)) {
      this.#refuse(file, `it has build id ${file.buildId}, and the report is of ${buildId}`);
      return;
    }
    const found: { readonly frame: Frame; readonly place: CodePlace }[] = [];
    let others = 0;
    let other = '';
    for (const { frame, offset, size, returns } of wanted) {
      const lookup = file.find(frame.fn, offset, size);
      // Nobody returns to the first byte of a function; a call may be its last one.
      const back = returns && offset > 0;
      if (lookup.kind === 'found' && (back ? offset <= size : offset < size))
        found.push({ frame, place: back ? before(lookup.place) : lookup.place });
      if (lookup.kind === 'other-size') {
        others += 1;
        other ||= `${frame.fn} has ${frame.size} bytes in the report and ${hex(lookup.sizes[0] ?? 0)} there`;
      }
      // The kernel's own frames may be of code that is in no file: trampolines, programs of BPF.
      if (lookup.kind === 'unknown' && frame.module !== undefined) {
        others += 1;
        other ||= `${frame.fn} is not in it`;
      }
    }
    if (others * MAX_OTHERS > wanted.length) {
      this.#refuse(file, other);
      return;
    }
    const roots = [...(await file.roots()), ...((await this.#files.vmlinux?.roots()) ?? [])];
    const answers = await file.locate(found.map(({ place }) => place));
    for (const [index, { frame }] of found.entries()) {
      const named = (answers[index] ?? []).map((source) =>
        source.file === undefined ? source : { ...source, file: this.#paths.relative(source.file, roots) },
      );
      into.set(frame, named);
    }
    if (file.silent) this.#refuse(file, 'the program that reads its line numbers ends without an answer');
  }

  #refuse(file: SymbolFile, why: string): void {
    if (this.#warned.has(file)) return;
    this.#warned.add(file);
    this.#warn(`frames stay without lines, ${file.path} does not fit: ${why}`);
  }
}

/** When more than one of so many functions differs, the file is of another build. */
const MAX_OTHERS = 4;

/** Frames without a place of their own: a log may have been symbolized before. */
function wantedOf({ stacks, trap }: Traces): Wanted[] {
  return stacks.flatMap(({ frames }) =>
    frames.flatMap((frame, index) => {
      const { offset, size, file, inlined } = frame;
      if (offset === undefined || size === undefined || file !== undefined || inlined) return [];
      return {
        frame,
        offset: Number(offset),
        size: Number(size),
        returns: isReturnAddress(frame, frames[index - 1], trap),
      };
    }),
  );
}

function before({ section, at }: CodePlace): CodePlace {
  return { section, at: at - 1 };
}

/** The kernel prints 20 bytes, whatever the linker made (`%20phN`): a shorter id has zeros behind it. */
function isSameBuild(reported: string, inFile: string): boolean {
  const length = Math.min(reported.length, inFile.length);
  return reported.slice(0, length) === inFile.slice(0, length) && /^0*$/.test(reported.slice(length));
}

function expanded(frame: Frame, sources: readonly SourceFrame[]): Frame[] {
  const own = sources.at(-1);
  if (own === undefined) return [frame];
  const { module, reliable } = frame;
  const inlined = sources.slice(0, -1).map((source) => ({
    fn: source.fn,
    ...(module !== undefined && { module }),
    reliable,
    ...placeOf(source),
    inlined: true,
  }));
  return [...inlined, { ...frame, ...placeOf(own) }];
}

function placeOf({ file, line }: SourceFrame): Pick<Frame, 'file' | 'line'> {
  return file === undefined || line === undefined ? {} : { file, line };
}

function hex(number: number): string {
  return `0x${number.toString(16)}`;
}
