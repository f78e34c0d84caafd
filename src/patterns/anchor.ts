import { at } from './condition.ts';
import type { Condition, ValueTest } from './condition-schema.ts';
import { regexSource } from './regex.ts';
import type { Subject } from './subject.ts';
import { asText } from './value.ts';

/** A field of a subject by which patterns are found: `frame`, `details.message`. */
type Field = string;

/** One way in which a condition can begin to hold: the field has the value, or its text satisfies the expression. */
export interface Anchor {
  readonly field: Field;
  readonly equals?: string;
  /** An expression, or a text that must occur. */
  readonly regex?: string;
  readonly contains?: string;
}

/**
 * What must be so that a condition can hold, as alternatives of which one has to be: an index by them finds the few patterns of
 * a thousand that are worth a full check. Undefined when there is no such thing to look up.
 */
export function anchorsOf(node: Condition): readonly Anchor[] | undefined {
  const own = OWN.flatMap((field) => {
    const anchors = anchorsOfField(node, field);
    return anchors === undefined ? [] : [anchors];
  });
  const all = (node.all ?? []).map(anchorsOf);
  const any = node.any?.map(anchorsOf);
  const joined = any?.some((branch) => branch === undefined) ? undefined : any?.flatMap((branch) => branch ?? []);
  const candidates = [...own, ...all, joined].flatMap((one) => (one === undefined ? [] : [one]));
  return candidates.toSorted((a, b) => cost(a) - cost(b))[0];
}

/** The texts of a subject that an anchor's field names. */
export function fieldTexts(subject: Subject, field: Field): readonly string[] {
  const { finding } = subject;
  switch (field) {
    case 'text':
      return [subject.text()];
    case 'name':
      return subject.name === undefined ? [] : [subject.name];
    case 'frame':
      return finding === undefined ? [] : [finding.frame];
    case 'title':
      return finding === undefined ? [] : [finding.title, ...finding.altTitles];
    case 'fn':
      return finding === undefined ? [] : functionsOf(finding.stacks);
    default: {
      const [member = '', ...path] = field.split('.');
      const text = asText(at(member === 'context' ? subject.context : subject.details, path));
      return text === undefined ? [] : [text];
    }
  }
}

const OWN = ['frame', 'fn', 'name', 'title', 'module', 'details', 'context', 'text'] as const;

/** A look-up costs least and closes most; a search of the whole report costs most. */
function cost(anchors: readonly Anchor[]): number {
  return Math.max(...anchors.map(({ field, equals }) => (equals !== undefined ? 0 : field === 'text' ? 2 : 1)));
}

function anchorsOfField(node: Condition, field: (typeof OWN)[number]): readonly Anchor[] | undefined {
  switch (field) {
    case 'fn':
      // A function name is one of many in a report, so only names that can be looked up are worth it.
      return node.stack?.fn === undefined ? undefined : onlyEquals(anchorsOfTest('fn', node.stack.fn));
    case 'module':
      return node.module === undefined ? undefined : anchorsOfTest('context.module', node.module);
    case 'details':
    case 'context':
      return Object.entries(node[field] ?? {})
        .map(([path, test]) => (test === undefined ? undefined : anchorsOfTest(`${field}.${path}`, test)))
        .find((anchors) => anchors !== undefined);
    case 'text': {
      const words = node.text === undefined ? [] : [node.text].flat();
      return words.length === 0 ? undefined : words.map((word) => ({ field, ...wordTest(word) }));
    }
    default: {
      const test = node[field];
      return test === undefined ? undefined : anchorsOfTest(field, test);
    }
  }
}

function anchorsOfTest(field: Field, test: ValueTest): readonly Anchor[] | undefined {
  if (typeof test === 'string') {
    const regex = regexSource(test);
    return [regex === undefined ? { field, equals: test } : { field, regex }];
  }
  if (typeof test !== 'object') return undefined;
  if (Array.isArray(test)) {
    const parts = (test as readonly ValueTest[]).map((part) => anchorsOfTest(field, part));
    return parts.some((part) => part === undefined) ? undefined : parts.flatMap((part) => part ?? []);
  }
  const { contains, prefix } = test as { contains?: string; prefix?: string };
  const words = contains ?? prefix;
  return words === undefined ? undefined : [{ field, contains: words }];
}

function onlyEquals(anchors: readonly Anchor[] | undefined): readonly Anchor[] | undefined {
  return anchors?.every(({ equals }) => equals !== undefined) ? anchors : undefined;
}

function wordTest(word: string): Pick<Anchor, 'regex' | 'contains'> {
  const regex = regexSource(word);
  return regex === undefined ? { contains: word } : { regex };
}

function functionsOf(stacks: readonly { readonly frames: readonly { readonly fn: string }[] }[]): readonly string[] {
  return stacks.flatMap(({ frames }) => frames.map(({ fn }) => fn));
}
