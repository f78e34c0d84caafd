import type { Document, Pair } from 'yaml';
import { isNode, isPair, isScalar, LineCounter, parseDocument, visit } from 'yaml';

export interface YamlLimits {
  readonly maxBytes: number;
  readonly maxNesting: number;
  /** `failsafe`: every scalar is text, as it is written. */
  readonly schema: 'core' | 'failsafe';
  /** What such files are, for the words of a problem: `pattern files`. */
  readonly what: string;
  /** What to do about one that is too large. */
  readonly makeSmaller?: string;
}

/** Lines and columns count from 1. */
export interface Place {
  readonly line: number;
  readonly column: number;
}
export interface YamlProblem extends Place {
  readonly message: string;
}

export interface YamlText {
  readonly document: Document;
  /** Where an offset stands. */
  place(offset: number): Place;
}

/**
 * Reads YAML of strangers: the size and the depth are looked at before the parser sees the text, and aliases, which multiply what a
 * reader sees as one line up to exhaustion, are refused. Never throws on any text.
 */
export function readYaml(source: string, limits: YamlLimits): YamlText | { readonly problems: readonly YamlProblem[] } {
  const top = { line: 1, column: 1 };
  if (Buffer.byteLength(source) > limits.maxBytes)
    return {
      problems: [{ ...top, message: `is larger than ${limits.maxBytes / 1024} KiB${limits.makeSmaller ?? ''}` }],
    };
  if (nesting(source) > limits.maxNesting)
    return { problems: [{ ...top, message: `is nested too deeply for ${limits.what}` }] };
  const lineCounter = new LineCounter();
  const place = (offset: number): Place => {
    const at = lineCounter.linePos(offset);
    return { line: Math.max(1, at.line), column: Math.max(1, at.col) };
  };
  const problems: YamlProblem[] = [];
  const document = parseDocument(source, { lineCounter, version: '1.2', schema: limits.schema, stringKeys: true });
  for (const error of [...document.errors, ...document.warnings].slice(0, 5)) {
    const message = error.message.split('\n')[0]?.replace(/ at line \d+, column \d+:?$/, '') ?? 'is not YAML';
    problems.push({ ...place(error.pos[0]), message });
  }
  visit(document, {
    Alias: (_, node) => {
      problems.push({ ...place(node.range?.[0] ?? 0), message: `aliases are not allowed in ${limits.what}` });
      return problems.length > 20 ? visit.BREAK : undefined;
    },
  });
  return problems.length > 0 ? { problems } : { document, place };
}

/**
 * How deep the text may be nested at most, by its brackets and by the dashes of a line, also of those that only are text. The
 * parser takes its time for what is very deep.
 */
function nesting(source: string): number {
  let depth = 0;
  let deepest = 0;
  let dashes = 0;
  for (const char of source) {
    if (char === '[' || char === '{') depth += 1;
    else if (char === ']' || char === '}') depth = Math.max(0, depth - 1);
    if (char === '-' || char === '?') dashes += 1;
    else if (char !== ' ') dashes = 0;
    deepest = Math.max(deepest, depth, dashes);
  }
  return deepest;
}

/** Where a path stands: at the key named below it, at its value, or at the nearest parent that is there. */
export function offsetOf(document: Document, path: readonly PropertyKey[], key?: string): number {
  for (let length = path.length; length >= 0; length--) {
    const node = length === 0 ? document.contents : document.getIn(path.slice(0, length), true);
    if (!isNode(node)) continue;
    const items: readonly unknown[] = 'items' in node ? node.items : [];
    const pair =
      key === undefined ? undefined : items.find((item): item is Pair => isPair(item) && keyOf(item) === key);
    const at = pair !== undefined && isNode(pair.key) ? pair.key.range : node.range;
    if (at) return at[0];
  }
  return 0;
}

const keyOf = (pair: Pair): unknown => (isScalar(pair.key) ? pair.key.value : undefined);
