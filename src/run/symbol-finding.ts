import { guiltyFile, type SourceLine } from '../identify/guilty-file.ts';
import type { Finding } from '../model/event.ts';
import type { Frame } from '../model/stack.ts';
import { type Code, Disassembler } from '../symbolize/disassemble.ts';
import { KernelTree } from '../symbolize/kernel-tree.ts';
import { type Machine, machineOfRegisters } from '../symbolize/programs.ts';
import { SourcePaths } from '../symbolize/source-path.ts';
import { SymbolSet } from '../symbolize/symbol-set.ts';
import { Symbolizer } from '../symbolize/symbolizer.ts';

/** Where to look for what a report does not say. */
export interface SymbolOptions {
  /** The kernel with debug information. */
  readonly vmlinux?: string;
  /** Modules with debug information, or folders of them. */
  readonly modules: readonly string[];
  /** The kernel's sources: whose file it is. */
  readonly kernelTree?: string;
  /** The build id of what runs, where that can be asked: by module, `vmlinux` for the kernel. */
  readonly runningBuildId?: (name: string) => string | undefined;
}

/**
 * Adds to findings what the files of their kernel say: places and inlined functions of frames, the guilty file, the instructions
 * of the code bytes, the maintainers. Names and identities stay, so that a finding is the same with and without.
 */
export class FindingSymbolizer {
  readonly #files: SymbolSet;
  readonly #symbolizer: Symbolizer;
  readonly #tree: KernelTree | undefined;
  readonly #disassembler = new Disassembler();
  readonly #runningBuildId: (name: string) => string | undefined;

  /** Fails with a sentence when a file that was named cannot be used, or what reads it is not installed. */
  constructor(options: SymbolOptions, warn: (message: string) => void) {
    const { vmlinux, modules, kernelTree, runningBuildId = () => undefined } = options;
    this.#runningBuildId = runningBuildId;
    this.#tree = kernelTree === undefined ? undefined : new KernelTree(kernelTree);
    this.#files = new SymbolSet({ ...(vmlinux !== undefined && { vmlinux }), modules }, warn);
    this.#symbolizer = new Symbolizer(this.#files, new SourcePaths(kernelTree), warn);
  }

  /** A module that has come later, or a folder. Fails as the constructor does. */
  addModule(path: string): void {
    this.#files.add(path);
  }

  async symbolize(finding: Finding): Promise<Finding> {
    const { details } = finding;
    const trap = asFrame(details.trap);
    const said = asTexts(details.buildIds);
    const stacks = await this.#symbolizer.symbolize({
      stacks: finding.stacks,
      buildId: (name) => said[name] ?? this.#runningBuildId(name),
      ...(trap && { trap }),
    });
    const file = guiltyFile(finding.title, sourceLines(finding, stacks));
    const disassembly = await this.#disassemble(details);
    const maintainers = this.#tree?.maintainersOf(file) ?? [];
    return {
      ...finding,
      guiltyFile: file,
      stacks,
      details: { ...details, ...(disassembly && { disassembly }), ...(maintainers.length > 0 && { maintainers }) },
    };
  }

  async close(): Promise<void> {
    await this.#files.close();
  }

  #disassemble({ code, registers }: Finding['details']): Promise<readonly string[] | undefined> {
    const bytes = asCode(code);
    const machine: Machine | undefined =
      machineOfRegisters(Object.keys(asTexts(registers))) ?? this.#files.vmlinux?.machine;
    if (bytes === undefined || machine === undefined) return Promise.resolve(undefined);
    return this.#disassembler.lines(bytes, machine);
  }
}

/** What was known of the file before (the place that a warning names), then the frames in the order of the report. */
function sourceLines(finding: Finding, stacks: Finding['stacks']): SourceLine[] {
  const known = finding.guiltyFile === '' ? [] : [{ marks: { sources: [{ path: finding.guiltyFile, line: 0 }] } }];
  const frames = stacks.flatMap((stack) => stack.frames.filter(({ reliable }) => reliable));
  return [
    ...known,
    ...frames.map(({ fn, file, line }) => ({
      marks: {
        ...(file !== undefined && { sources: [{ path: file, line: line ?? 0 }] }),
        ...waypointsOf(fn),
      },
    })),
  ];
}

/** The interrupt behind which a stalled CPU's own frames begin, as src/grammar/waypoints.ts names it. */
function waypointsOf(fn: string): Pick<SourceLine['marks'], 'waypoints'> {
  if (fn.endsWith('apic_timer_interrupt')) return { waypoints: { 'apic-timer': fn } };
  return fn === 'el1h_64_irq' ? { waypoints: { 'el1-irq': null } } : {};
}

function asFrame(value: unknown): Pick<Frame, 'fn' | 'offset' | 'size'> | undefined {
  return isObject(value) && typeof value.fn === 'string' ? (value as Pick<Frame, 'fn' | 'offset' | 'size'>) : undefined;
}

function asTexts(value: unknown): Readonly<Record<string, string>> {
  return isObject(value) ? (value as Record<string, string>) : {};
}

function asCode(value: unknown): Code | undefined {
  return isObject(value) && typeof value.bytes === 'string' && typeof value.width === 'number'
    ? (value as unknown as Code)
    : undefined;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
