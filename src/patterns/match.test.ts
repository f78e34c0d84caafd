import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { KIND_NAMES } from '../model/kinds.ts';
import { kindsOf } from './gate.ts';
import { createMatcher } from './match.ts';
import type { Pattern } from './pattern.ts';
import { checkSamples } from './samples.ts';
import { findingWith, patternWith } from './testing.ts';

const TEXT =
  '[   47.450467] BUG: kernel NULL pointer dereference, address: 0000000000000008\n#PF: supervisor write access\n';
const explain = (match: Pattern['match'], parts: Partial<Pattern> = {}): string | undefined =>
  createMatcher([patternWith(match, parts)]).match(findingWith(), TEXT)[0]?.explain;

describe('conditions', () => {
  test.each<[string, Pattern['match'], string | undefined]>([
    ['kind', { kind: 'null-deref' }, 'kind=null-deref'],
    ['one of several kinds', { kind: ['bug', 'null-deref'] }, 'kind=null-deref'],
    ['another kind', { kind: 'bug' }, undefined],
    ['an event', { event: 'crash' }, 'event=crash'],
    ['title, anywhere', { title: '/NULL pointer/' }, 'title=NULL pointer'],
    ['an alternative title', { title: { prefix: 'bad-access' } }, 'title=bad-access in vexfs_fault_null_deref'],
    ['a title is equal or not', { title: 'NULL pointer' }, undefined],
    ['frame and module', { frame: '/^vexfs_/', module: 'vexfs' }, 'frame=vexfs_; module=vexfs'],
    ['a frame of a stack', { stack: { fn: 'vfs_write' } }, 'stack trap #1 vfs_write'],
    ['a frame near the top only', { stack: { fn: 'vfs_write', within: 1 } }, undefined],
    ['a frame of a module', { stack: { module: 'vexfs' } }, 'stack trap #0 vexfs_fault_null_deref [vexfs]'],
    ['members of a stack test hold for one frame', { stack: { fn: 'vfs_write', module: 'vexfs' } }, undefined],
    ['a role', { stack: { role: 'alloc' } }, 'stack alloc'],
    ['a frame in a role', { stack: { role: 'alloc', fn: { prefix: 'kmalloc' } } }, 'stack alloc #0 kmalloc_trace'],
    ['an unreliable frame does not count', { stack: { fn: 'ghost' } }, undefined],
    ['unless asked for', { stack: { fn: 'ghost', unreliable: true } }, 'stack trap #1 ghost'],
    ['details by path', { details: { 'object.cache': 'kmalloc-64' } }, 'details.object.cache=kmalloc-64'],
    ['a range', { details: { size: { atLeast: 4, atMost: 8 } } }, 'details.size=8'],
    ['outside of a range', { details: { size: { atLeast: 9 } } }, undefined],
    ['a detail that is not there', { details: { nothing: { exists: false } } }, 'details.nothing=absent'],
    ['no way into prototypes', { details: { 'constructor.name': 'Object' } }, undefined],
    ['context', { context: { comm: 'sh', cpu: 0 } }, 'context.comm=sh; context.cpu=0'],
    ['text, contained', { text: 'supervisor write' }, 'text "supervisor write"'],
    ['text, expression', { text: ['nothing', '/^#PF: .*$/'] }, 'text "#PF: supervisor write access"'],
    ['all', { all: [{ kind: 'null-deref' }, { frame: 'other' }] }, undefined],
    ['any takes the most specific', { any: [{ event: 'crash' }, { kind: 'null-deref' }] }, 'kind=null-deref'],
    ['not', { kind: 'null-deref', not: { module: 'ext4' } }, 'kind=null-deref; not (module)'],
    ['not, violated', { kind: 'null-deref', not: { module: 'vexfs' } }, undefined],
  ])('%s', (_name, match, expected) => {
    expect(explain(match)).toBe(expected);
  });

  test.each<[string, Partial<Pattern>, boolean]>([
    ['since an older kernel', { since: '5.10' }, true],
    ['since a newer kernel', { since: '6.2' }, false],
    ['until this series', { until: '6.1' }, true],
    ['until an older kernel', { until: '6.0' }, false],
    ['since a point release', { since: '6.1.5' }, false],
  ])('%s', (_name, parts, matches) => {
    expect(explain({ kind: 'null-deref' }, parts) !== undefined).toBe(matches);
  });

  test('extract shows values', () => {
    const extract = {
      at: { from: 'text', regex: '/address: (\\S+)/' },
      cache: { from: 'details.object.cache', regex: '/.+/' },
    };
    expect(explain({ kind: 'null-deref' }, { extract })).toBe(
      'kind=null-deref; at: 0000000000000008; cache: kmalloc-64',
    );
  });
});

describe('createMatcher', () => {
  test('the most specific comes first, ties are told', () => {
    const matcher = createMatcher([
      patternWith({ kind: 'null-deref' }, { id: 'general' }),
      patternWith(
        { kind: 'null-deref', frame: 'vexfs_fault_null_deref' },
        { id: 'narrow-b', actions: [{ action: 'reset-guest' }] },
      ),
      patternWith({ kind: 'null-deref', frame: 'vexfs_fault_null_deref' }, { id: 'narrow-a' }),
      patternWith({ kind: 'bug' }, { id: 'other' }),
    ]);
    expect(
      matcher.match(findingWith()).map(({ pattern, confidence, explain }) => [pattern, confidence, explain]),
    ).toEqual([
      ['narrow-a', 0.82, 'kind=null-deref; frame=vexfs_fault_null_deref; ties with narrow-b'],
      ['narrow-b', 0.82, 'kind=null-deref; frame=vexfs_fault_null_deref; ties with narrow-a'],
      ['general', 0.5, 'kind=null-deref'],
    ]);
    expect(matcher.match(findingWith())[1]?.actions).toEqual(['reset-guest']);
    expect(matcher.match(findingWith({ corrupted: true }))[0]?.confidence).toBe(0.66);
    expect(matcher.match(findingWith({ kind: 'a-kind-from-the-future' }))).toEqual([]);
  });

  test('a gate never closes on what would match', () => {
    const kind = fc.constantFrom(...KIND_NAMES.slice(0, 4));
    const leaf = fc.oneof(
      fc.record({ kind: fc.oneof(kind, fc.array(kind, { minLength: 1, maxLength: 3 })) }),
      fc.constantFrom<Pattern['match']>({ event: 'crash' }, { frame: 'nobody' }),
    );
    const { tree } = fc.letrec<{ tree: Pattern['match'] }>((tie) => ({
      tree: fc.oneof(
        { maxDepth: 4, withCrossShrink: true },
        leaf,
        fc.record({ all: fc.array(tie('tree'), { minLength: 1, maxLength: 3 }) }),
        fc.record({ any: fc.array(tie('tree'), { minLength: 1, maxLength: 3 }) }),
        fc.record({ not: tie('tree') }),
      ),
    }));
    fc.assert(
      fc.property(tree, kind, (match, name) => {
        const gate = kindsOf(match);
        const matched = createMatcher([patternWith({ any: [match, { frame: 'never' }] })]).match(
          findingWith({ kind: name }),
        );
        if (matched.length > 0) expect(gate?.has(name) ?? true).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  test('a thousand patterns cost about as much as the few of one kind', () => {
    const many = KIND_NAMES.flatMap((kind) =>
      Array.from({ length: 12 }, (_, i) => patternWith({ kind, frame: `fn_${i}` }, { id: `${kind}-${i}` })),
    );
    const matcher = createMatcher(many);
    const finding = findingWith();
    const start = performance.now();
    for (let i = 0; i < 5000; i++) matcher.match(finding);
    expect(performance.now() - start).toBeLessThan(1000);
  });
});

test('checkSamples says what happened instead', () => {
  const sample = (text: string) => ({ text, origin: 'mm/x.c', recorded: false });
  const pattern = patternWith(
    { kind: 'null-deref' },
    { samples: [sample('null'), sample('bug'), sample('')], counterSamples: [sample('bug'), sample('null')] },
  );
  const read = (text: string) =>
    text === '' ? [] : [{ finding: findingWith({ kind: text === 'null' ? 'null-deref' : 'bug', title: text }), text }];
  expect(checkSamples(pattern, read).map(({ kind, number, ok, detail }) => [kind, number, ok, detail])).toEqual([
    ['sample', 1, true, ''],
    ['sample', 2, false, 'not matched: bug "bug" won by no pattern'],
    ['sample', 3, false, 'no finding was read from the text'],
    ['counterSample', 1, true, ''],
    ['counterSample', 2, false, 'matched: null-deref "null" won by p'],
  ]);
});
