import type { Finding } from '../model/event.ts';
import type { Frame } from '../model/stack.ts';

/** A place in source code. */
export interface CodePlace {
  readonly file: string;
  readonly line?: number;
}

/** A stretch of a log. */
export interface LogPlace {
  /** Name of the log, else of the stream. */
  readonly file: string;
  readonly line: number;
  readonly endLine: number;
}

export function logPlace({ source, evidence: [first] }: Finding): LogPlace {
  return { file: first?.file ?? source.file ?? source.stream, line: source.line, endLine: source.endLine };
}

/** Whether a place is in a log; a capture is a folder of several. */
export function isIn({ file }: Pick<LogPlace, 'file'>, log: string): boolean {
  return file === log || file.startsWith(`${log}/`);
}

/** `console.log:2-87`. */
export function placeText({ file, line, endLine }: LogPlace): string {
  return `${file}:${line}${endLine > line ? `-${endLine}` : ''}`;
}

/** The first frame of the function that is blamed. */
export function blamedFrame({ stacks, frame }: Finding): Frame | undefined {
  for (const { frames } of stacks) {
    const found = frames.find(({ fn, reliable }) => reliable && fn === frame);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Kinds whose own words say where in the source they were raised (include/asm-generic/bug.h). */
const SELF_PLACED: ReadonlySet<string> = new Set(['warning', 'bug']);

/** Where in the source a finding points: the guilty file, else the file of the blamed frame, else what the report says of itself. */
export function codePlace(finding: Finding): CodePlace | undefined {
  const { guiltyFile, kind, details, stacks, frame } = finding;
  const said = typeof details.where === 'string' ? fileAndLine(details.where) : undefined;
  const frames = stacks.flatMap((stack) => stack.frames);
  if (guiltyFile !== '') {
    const inFile = frames.filter(({ file }) => file !== undefined && relative(file) === relative(guiltyFile));
    const line =
      (inFile.find(({ fn }) => fn === frame) ?? inFile[0])?.line ?? (said?.file === guiltyFile ? said.line : undefined);
    return { file: guiltyFile, ...(line !== undefined && { line }) };
  }
  const blamed = frames.find(({ fn, file }) => fn === frame && file !== undefined && file !== '');
  if (blamed?.file !== undefined) return { file: blamed.file, ...(blamed.line !== undefined && { line: blamed.line }) };
  return SELF_PLACED.has(kind) ? said : undefined;
}

function relative(path: string): string {
  return path.startsWith('./') ? path.slice(2) : path;
}

function fileAndLine(text: string): CodePlace | undefined {
  const colon = text.lastIndexOf(':');
  const line = Number(text.slice(colon + 1));
  return colon > 0 && Number.isInteger(line) && line > 0 ? { file: text.slice(0, colon), line } : undefined;
}
