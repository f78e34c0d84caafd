import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compileCondition } from './condition.ts';
import { eventsOf } from './gate.ts';
import { createMatcher } from './match.ts';
import type { Pattern } from './pattern.ts';
import { findingSubject } from './subject.ts';
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
    ['the first stack only', { stack: { of: 'first', role: 'alloc' } }, undefined],
    ['a frame of the first stack', { stack: { of: 'first', fn: 'vfs_write' } }, 'first stack trap #1 vfs_write'],
    ['the blamed stack', { stack: { of: 'blamed', fn: 'vfs_write' } }, 'blamed stack trap #1 vfs_write'],
    ['another than the blamed one', { stack: { of: 'blamed', role: 'alloc' } }, undefined],
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
    expect(matcher.match(findingWith()).map(({ pattern, explain }) => [pattern, explain])).toEqual([
      ['narrow-a', 'kind=null-deref; frame=vexfs_fault_null_deref; ties with narrow-b'],
      ['narrow-b', 'kind=null-deref; frame=vexfs_fault_null_deref; ties with narrow-a'],
      ['general', 'kind=null-deref'],
    ]);
    expect(matcher.match(findingWith())[1]?.actions).toEqual(['reset-guest']);
    const [whole, cut] = [false, true].map(
      (corrupted) => matcher.match(findingWith({ corrupted }))[0]?.confidence ?? 0,
    );
    expect(whole).toBeGreaterThan(0.5);
    expect(cut).toBeLessThanOrEqual(whole ?? 0);
    expect(matcher.match(findingWith({ kind: 'a-kind-from-the-future' }))).toEqual([]);
  });

  test('the index leaves out nothing that would match', () => {
    const leaf = fc.oneof(
      ...['null-deref', 'bug', ['bug', 'null-deref']].map((kind) => fc.constant<Pattern['match']>({ kind } as never)),
      fc.constantFrom<Pattern['match']>(
        { event: 'crash' },
        { event: ['metric', 'lock'] },
        { frame: 'vexfs_fault_null_deref' },
        { frame: ['a', '/null_deref$/'] },
        { title: '/^bad-access/' },
        { title: { prefix: 'bad' } },
        { module: 'vexfs' },
        { details: { 'object.cache': 'kmalloc-64' } },
        { details: { size: 8, nothing: { exists: false } } },
        { context: { comm: '/^s/' } },
        { stack: { fn: 'vfs_write' } },
        { stack: { fn: 'ghost' } },
        { text: 'supervisor write' },
        { text: ['nothing', '/^#PF: .*$/'] },
        { text: 'absent' },
        { name: 'x' },
      ),
    );
    const { tree } = fc.letrec<{ tree: Pattern['match'] }>((tie) => ({
      tree: fc.oneof(
        { maxDepth: 4, withCrossShrink: true },
        leaf,
        fc.record({ all: fc.array(tie('tree'), { minLength: 1, maxLength: 3 }) }),
        fc.record({ any: fc.array(tie('tree'), { minLength: 1, maxLength: 3 }) }),
        fc.record({ not: tie('tree') }),
        fc.tuple(leaf, tie('tree')).map(([one, other]) => ({ ...one, any: [other] })),
      ),
    }));
    const finding = findingWith();
    let matched = 0;
    fc.assert(
      fc.property(fc.array(tree, { minLength: 1, maxLength: 60, size: 'max' }), (conditions) => {
        const patterns = conditions.map((match, i) => patternWith(match, { id: `p${i}` }));
        const subject = findingSubject(finding, TEXT);
        const wanted = patterns.filter(
          ({ match }) => eventsOf(match).has('crash') && compileCondition(match)(subject) !== undefined,
        );
        matched += wanted.length;
        const found = createMatcher(patterns).match(finding, TEXT);
        expect(found.map(({ pattern }) => pattern).sort()).toEqual(wanted.map(({ id }) => id).sort());
      }),
      { numRuns: 200 },
    );
    expect(matched).toBeGreaterThan(400);
  });

  test('many expressions are searched at once, and all that occur are found', () => {
    const texts = Array.from({ length: 600 }, (_, i) => (i % 2 === 0 ? `word ${i} end` : `/word ${i} [a-z]+/`));
    const matcher = createMatcher(texts.map((text, i) => patternWith({ kind: 'bug', text }, { id: `p${i}` })));
    const ids = (text: string) => matcher.match(findingWith({ kind: 'bug' }), text).map(({ pattern }) => pattern);
    expect(ids('a word 17 end, a word 580 end')).toEqual(['p17', 'p580']);
    expect(ids('a word 600 end')).toEqual([]);
  });
});
