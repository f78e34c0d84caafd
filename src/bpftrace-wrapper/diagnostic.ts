import type { ProgramPlace } from './message.ts';

/** What bpftrace says on stderr (src/log.cpp): `file:line:column-end: ERROR: text`, then the line and a marker below. */
export interface Diagnostic {
  readonly level: 'error' | 'warning' | 'hint';
  readonly message: string;
  /** `file` is null for a program given on the command line. */
  readonly place: ProgramPlace;
  /** The quoted line of the program. */
  readonly source: string | null;
}

const MAX_DIAGNOSTICS = 64;
const FORM = /^(?:(.*?):(\d+)(?::(\d+))?(?:-(\d+))?: )?(ERROR|WARNING|HINT): (.*)$/;
const MARKER = /^\s*[~^]+\s*$/;
/** Said on every run on some machines, without consequence. */
const HARMLESS = [/couldn't set RLIMIT_MEMLOCK/];

/** Reads what is of use in bpftrace's stderr; other text (libbpf's chatter) is left out. */
export function parseDiagnostics(stderr: string): Diagnostic[] {
  const lines = stderr.split('\n');
  const found: Diagnostic[] = [];
  lines.forEach((line, i) => {
    const form = found.length < MAX_DIAGNOSTICS ? FORM.exec(line) : null;
    if (!form || HARMLESS.some((harmless) => harmless.test(line))) return;
    const [, file, first, column, last, level = '', message = ''] = form;
    found.push({
      level: level.toLowerCase() as Diagnostic['level'],
      message,
      place: {
        file: file === undefined || file === 'stdin' ? null : file,
        line: numberOf(first),
        column: numberOf(column),
        // `file:13-14:` is a range of lines.
        endColumn: column === undefined ? null : numberOf(last),
      },
      source: MARKER.test(lines[i + 2] ?? '') ? (lines[i + 1] ?? null) : null,
    });
  });
  return found;
}

function numberOf(text: string | undefined): number | null {
  return text === undefined ? null : Number(text);
}
