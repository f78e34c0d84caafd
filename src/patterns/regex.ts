import { RE2JS } from 're2js';

/** Longest expression and largest compiled program that a pattern may carry. */
const MAX_LENGTH = 1000;
const MAX_PROGRAM = 1000;
/** A rough count beforehand, since compiling a much larger one takes long. */
const MAX_UNROLLED = 3000;
const TOO_LARGE = 'the expression is too large; use smaller repeat counts';

export type Regex = { readonly ok: true; readonly re: RE2JS } | { readonly ok: false; readonly reason: string };

/**
 * Compiles an expression of a pattern file. Only linear-time syntax exists here (RE2), because patterns come from anyone and
 * run over hostile text. `^` and `$` mean the ends of a line. Never throws: a refusal carries the reason for the author.
 */
export function compileRegex(source: string): Regex {
  if (source.length > MAX_LENGTH) return refuse(`the expression is longer than ${MAX_LENGTH} characters`);
  if (source === '') return refuse('an empty expression matches everything');
  const unsupported = unsupportedSyntax(source);
  if (unsupported !== undefined) return refuse(unsupported);
  if (unrolledSize(source) > MAX_UNROLLED) return refuse(TOO_LARGE);
  try {
    const re = RE2JS.compile(source, RE2JS.MULTILINE);
    if (re.programSize() > MAX_PROGRAM) return refuse(TOO_LARGE);
    if (re.test('')) return refuse('the expression matches the empty string, so it would match everything');
    return { ok: true, re };
  } catch (error) {
    return refuse(error instanceof Error ? error.message.replace(/^error parsing regexp: /, '') : String(error));
  }
}

/** An expression that the schema has let through; one that is refused here is a bug and throws. */
export function checkedRegex(source: string): RE2JS {
  const regex = compileRegex(source);
  if (!regex.ok) throw new Error(`uncheckable expression /${source}/: ${regex.reason}`);
  return regex.re;
}

/** The expression of `/…/`; undefined for a literal. */
export function regexSource(value: string): string | undefined {
  return value.length > 2 && value.startsWith('/') && value.endsWith('/') ? value.slice(1, -1) : undefined;
}

/** The text of the whole match and of its groups: named ones by name. Undefined when nothing matches. */
export function findRegex(
  re: RE2JS,
  text: string,
): { text: string; groups: Readonly<Record<string, string>> } | undefined {
  const matcher = re.matcher(text);
  if (!matcher.find()) return undefined;
  const groups: Record<string, string> = {};
  for (const name of Object.keys(re.namedGroups())) {
    const value = matcher.group(name);
    if (value !== null) groups[name] = value;
  }
  return { text: matcher.group(0) ?? '', groups };
}

const LINEAR = 'expressions run in linear time (RE2)';
const REFUSALS: readonly (readonly [start: string, reason: string])[] = [
  ['(?=', `look-ahead is not possible: ${LINEAR}; write a second condition under \`all\``],
  ['(?!', `look-ahead is not possible: ${LINEAR}; write a second condition under \`not\``],
  ['(?<=', `look-behind is not possible: ${LINEAR}; match the words before as well`],
  ['(?<!', `look-behind is not possible: ${LINEAR}; write a second condition under \`not\``],
  ['(?>', `atomic groups are not possible and not needed: ${LINEAR}`],
];
const BACK_REFERENCE = `back-references are not possible: ${LINEAR}; compare the values in two conditions`;

/** About how many instructions an expression comes to when its repeats are written out: an atom counts 1. */
function unrolledSize(source: string): number {
  const open: number[] = [];
  let size = 0;
  let atom = 0;
  for (let i = 0; i < source.length; i++) {
    const char = source[i] ?? '';
    if (char === '(') {
      open.push(size);
      size = 0;
      atom = 0;
    } else if (char === ')') {
      atom = size;
      size += open.pop() ?? 0;
    } else if (char === '{') {
      const [all = '{', least, most] = /^\{(\d{1,4})(?:,(\d{0,4}))?\}/.exec(source.slice(i, i + 12)) ?? [];
      const times = Math.max(1, Number(most || least || 1));
      size += atom * (times - 1);
      atom *= times;
      i += all.length - 1;
    } else {
      if (char === '\\') i += 1;
      else if (char === '[') i = Math.max(i, source.indexOf(']', i + 2));
      size += 1;
      atom = 1;
    }
    if (size > MAX_UNROLLED) return size;
  }
  return size + open.reduce((sum, part) => sum + part, 0);
}

/** RE2 refuses these too, but says only "invalid escape" and the like; authors deserve the reason. */
function unsupportedSyntax(source: string): string | undefined {
  let inClass = false;
  for (let i = 0; i < source.length; i++) {
    const char = source[i];
    if (char === '\\') {
      const next = source[i + 1] ?? '';
      if (!inClass && (/[1-9]/.test(next) || (next === 'k' && source[i + 2] === '<'))) return BACK_REFERENCE;
      i += 1;
    } else if (inClass) {
      inClass = char !== ']';
    } else if (char === '[') {
      inClass = true;
      if (source[i + 1] === '^') i += 1;
      if (source[i + 1] === ']') i += 1;
    } else if (char === '(') {
      const refusal = REFUSALS.find(([start]) => source.startsWith(start, i));
      if (refusal !== undefined) return refusal[1];
    }
  }
  return undefined;
}

const refuse = (reason: string): Regex => ({ ok: false, reason });
