import { expect, test } from 'vitest';
import { docProblem } from './kernel-docs.ts';
import { lintPatterns } from './lint.ts';
import type { Pattern } from './pattern.ts';
import { patternWith } from './testing.ts';

const sample = (text: string) => ({ text, origin: 'mm/x.c', recorded: false });
const other = patternWith(
  { kind: ['bug', 'warning'], details: { message: 'x' } },
  { id: 'a', title: 'Other', samples: [sample('one')], advice: { meaning: 'm', lookAt: [], docs: [] } },
);

test.each<[string, Pattern['match'], Partial<Pattern>, string | undefined]>([
  ['nothing wrong', { kind: 'bug' }, {}, undefined],
  ['a group that only groups', { title: '/(?:a|b)x|(c)/' }, {}, undefined],
  ['a named group', { kind: 'bug', all: [{ title: '/(?P<cache>x)/' }] }, {}, 'unused-capture'],
  [
    'two groups of which one is shown',
    { kind: 'bug' },
    { extract: { a: { from: 'text', regex: '/(a)(b)/' } } },
    'unused-capture',
  ],
  ['the same condition in another order', { details: { message: 'x' }, kind: ['warning', 'bug'] }, {}, 'duplicate'],
  ['the same title', { kind: 'bug' }, { title: 'OTHER' }, 'duplicate'],
  ['the same advice', { kind: 'bug' }, { advice: { meaning: 'm', lookAt: [], docs: [] } }, 'duplicate'],
  ['a sample of another', { kind: 'bug' }, { samples: [sample('one')] }, 'shared-sample'],
  [
    'its own sample as counter-sample',
    { kind: 'bug' },
    { samples: [sample('s')], counterSamples: [sample('s')] },
    'own-counter-sample',
  ],
  ['kinds that exclude each other', { kind: 'bug', all: [{ kind: 'oom' }] }, {}, 'never-matches'],
  ['a kind of another event', { event: 'race', kind: 'bug' }, {}, 'never-matches'],
  ['a kind of an event that is no finding', { kind: 'remount' }, {}, 'never-matches'],
  ['that event named', { event: 'recovery', kind: 'remount' }, {}, undefined],
  ['in a step', { sequence: [{ kind: 'remount' }, { kind: 'bug' }], within: 1 }, {}, 'never-matches'],
  ['an event alone', { event: 'crash' }, {}, 'too-wide'],
  ['not something', { not: { kind: 'bug' } }, {}, 'too-wide'],
  ['a text of three letters', { text: 'BUG' }, {}, 'too-wide'],
  ['a range that is empty', { kind: 'bug' }, { since: '6.10', until: '6.9.3' }, 'kernel-range'],
  [
    'a document that the kernel does not have',
    { kind: 'bug' },
    { advice: { meaning: 'n', lookAt: [], docs: ['Documentation/dev-tools/kassan.rst'] } },
    'dead-doc',
  ],
  [
    'one that it has',
    { kind: 'bug' },
    { advice: { meaning: 'n', lookAt: [], docs: ['Documentation/dev-tools/kasan.rst'] } },
    undefined,
  ],
  ['what a draft leaves to do', { kind: 'bug' }, { title: 'TODO a title' }, 'todo'],
])('%s', (_name, match, parts, rule) => {
  const pattern = patternWith(match, { id: 'b', advice: { meaning: 'n', lookAt: [], docs: [] }, ...parts });
  const rules = lintPatterns([other, pattern]).filter((complaint) => complaint.pattern === pattern);
  expect(rules.map((complaint) => complaint.rule)).toEqual(rule === undefined ? [] : [rule]);
});

test.each([
  ['Documentation/dev-tools/kassan.rst', 'Documentation/dev-tools/kasan.rst'],
  ['Documentation/x86/kernel-stacks.rst', 'Documentation/arch/x86/kernel-stacks.rst'],
])('%s is told with the one that was probably meant', (path, meant) => {
  expect(docProblem(path)).toBe(`${path} is not in Linux 6.12; did you mean ${meant}?`);
});
