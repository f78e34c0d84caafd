import type { Probe, ProbeProblem } from './probe.ts';

/** What of a program contradicts its header or cannot run beside others. Looks at the text; bpftrace and clang check the rest. */
export function lintProbe(probe: Probe): ProbeProblem[] {
  const code = withoutComments(probe.text);
  return probe.engine === 'core' ? lintObject(probe, code) : [...lintProgram(probe, code), ...lintDangers(code)];
}

/** Maps may be more than the header shows: bookkeeping is not read. */
function lintObject(probe: Probe, code: string): ProbeProblem[] {
  const maps = new Set(
    [...code.matchAll(/(\w+)\s+SEC\("\.maps"\)|\bLOST\((\w+)\)/g)].map((found) => found[1] ?? found[2]),
  );
  return probe.maps
    .filter(({ name }) => !maps.has(name))
    .map(({ name }) => ({ line: 2, message: `${name} is declared and there is no such map` }));
}

/**
 * Return probes where kernels hang or crash: the functions are entered with interrupts off on every path, a probe's own among
 * them (bcc issue 2300, bpftrace issue 534).
 */
const NO_RETURN_PROBE =
  /^(?:_raw_|__raw_|native_|__pv_)?(?:spin|read|write|queued_(?:spin|read|write))_(?:un)?(?:try)?lock/;

/** What must not be attached at all, whatever the header says. Also for programs that have none. */
export function lintDangers(text: string): ProbeProblem[] {
  const code = withoutComments(text);
  return [...code.matchAll(/\b(?:kretprobe|kr|kretfunc|fexit):(?:\w+:)?([\w*?]+)/g)]
    .filter((found) => NO_RETURN_PROBE.test(found[1] ?? '') || MAY_BE_A_SPINLOCK.test(found[1] ?? ''))
    .map((found) => ({
      line: lineAt(code, found.index),
      message: `a return probe of ${found[1]} can hang the machine: probe its entry, or lock:contention_begin and contention_end`,
    }));
}

/** Wildcards that take spinlocks in. */
const MAY_BE_A_SPINLOCK = /^(?=.*[*?])(?:\*|_|_?_?raw|spin|queued)/;

function lintProgram(probe: Probe, code: string): ProbeProblem[] {
  const used = new Map<string, number>();
  for (const found of code.matchAll(/@\w*/g)) used.set(found[0], used.get(found[0]) ?? lineAt(code, found.index));
  const declared = new Set(probe.maps.map((map) => map.name));
  const problems: ProbeProblem[] = [];
  for (const [name, line] of used)
    if (!declared.has(name)) problems.push({ line, message: `${name} has no "map:" line` });
  for (const name of declared)
    if (!used.has(name)) problems.push({ line: 2, message: `${name} is declared and not used` });
  for (const found of code.matchAll(/^\s*(?:BEGIN|END|begin|end)\b/gm)) {
    problems.push({
      line: lineAt(code, found.index),
      message: 'BEGIN and END keep it from running beside other probes',
    });
  }
  const printed = new Set<string>();
  for (const found of code.matchAll(/\bprintf\(\s*"((?:[^"\\]|\\.)*)"/g)) {
    const message = badFormat(probe, found[1] ?? '', printed);
    if (message !== null) problems.push({ line: lineAt(code, found.index), message });
  }
  for (const { tag } of probe.records) {
    if (!printed.has(tag)) problems.push({ line: 2, message: `record "${tag}" is declared and not printed` });
  }
  return problems;
}

/** Names that two programs share: they could not run as one, and their output could not be told apart. */
export function lintTogether(probes: readonly Probe[]): string[] {
  const owners = new Map<string, string>();
  const problems: string[] = [];
  for (const probe of probes) {
    for (const name of [...probe.maps.map((map) => map.name), ...probe.records.map((record) => record.tag)]) {
      const owner = owners.get(name);
      if (owner === undefined) owners.set(name, probe.name);
      else problems.push(`${owner} and ${probe.name} both use ${name}`);
    }
  }
  return problems;
}

function badFormat(probe: Probe, format: string, printed: Set<string>): string | null {
  const [tag = '', ...fields] = format.replace(/\\n$/, '').split(' ');
  const record = probe.records.find((known) => known.tag === tag);
  if (!record) return `printf("${format}") has no "record:" line for "${tag}"`;
  printed.add(tag);
  if (!format.endsWith('\\n')) return `printf("${format}") must end with \\n`;
  if (fields.length !== record.fields.length)
    return `printf of "${tag}" has ${fields.length} fields, its record ${record.fields.length}`;
  const bad = fields.find((field) => !/^%[0-9]*[a-z]+$/.test(field));
  if (bad !== undefined) return `printf of "${tag}": "${bad}" must be one conversion`;
  const text = fields.findIndex((field) => field.endsWith('s'));
  return text >= 0 && record.fields[text] !== 'comm' && text < fields.length - 1
    ? `printf of "${tag}": a text that may hold blanks must come last`
    : null;
}

/** Comments become blanks, so that lines stay where they are. */
function withoutComments(text: string): string {
  const blank = (found: string) => found.replace(/[^\n]/g, ' ');
  return text.replace(/\/\*[\s\S]*?\*\//g, blank).replace(/\/\/[^\n]*/g, blank);
}

function lineAt(text: string, index: number): number {
  return text.slice(0, index).split('\n').length;
}
