import { describe, expect, test } from 'vitest';
import type { Finding } from '../model/event.ts';
import { stackRows } from './stack-rows.ts';
import { FINDING } from './testing.ts';

const frames = (...names: string[]) =>
  names.map((name) => {
    const [fn = '', module] = name.replace('?', '').split(' ');
    return { fn, reliable: !name.startsWith('?'), ...(module !== undefined && { module }) };
  });

/** `>` before what is blamed, counts of what is left out around it. */
function shown(stacks: Finding['stacks'], frame = 'guilty'): string[] {
  return stackRows({ ...FINDING, stacks, frame }).map(({ title, rows, above, below, shared }) => {
    const names = rows.map(({ text, blamed }) => (blamed ? `>${text}` : text));
    return `${title}: ${above}| ${names.join(' ')} |${below} ${shared}`;
  });
}

describe('stackRows', () => {
  test.each<[string, Finding['stacks'], string[]]>([
    [
      'begins with the blamed frame',
      [{ role: 'access', frames: frames('report', 'kasan', 'guilty', 'caller') }],
      ['access: 2| >guilty caller |0 0'],
    ],
    [
      'else with the first frame of the module',
      [{ role: 'alloc', frames: frames('kmalloc', 'vexfs_new vexfs', 'caller') }],
      ['allocated: 1| vexfs_new [vexfs] caller |0 0'],
    ],
    [
      'else with the first frame',
      [{ role: 'free', frames: frames('kfree', 'caller') }],
      ['freed: 0| kfree caller |0 0'],
    ],
    [
      'leaves out what the unwinder doubts',
      [{ role: 'trap', frames: frames('?stale', 'guilty', '?stale', 'caller') }],
      ['call trace: 0| >guilty caller |0 0'],
    ],
    ['but not all there is', [{ role: 'trap', frames: frames('?a', '?b') }], ['call trace: 0| a b |0 0']],
    [
      'ends after eight',
      [{ role: 'trap', frames: frames('guilty', ...'bcdefghijk') }],
      ['call trace: 0| >guilty b c d e f g h |3 0'],
    ],
    [
      'shows where a stack meets the first one, and no more of it',
      [
        { role: 'access', frames: frames('guilty', 'main', 'write', 'sys', 'entry') },
        { role: 'free', frames: frames('kfree', 'other', 'write', 'sys', 'entry') },
      ],
      ['access: 0| >guilty main write sys entry |0 0', 'freed: 0| kfree other write |0 2'],
    ],
    [
      'are named by what is said of them and whose they are',
      [
        { role: 'free', comm: 'cp', pid: 88, cpu: 1, frames: frames('a') },
        { role: 'alloc', pid: 88, frames: frames('a') },
        { role: 'lock-chain', about: '&inode->sem', frames: frames('a') },
      ],
      ['freed by cp/88 on CPU 1: 0| a |0 0', 'allocated by pid 88: 0| a |0 0', 'lock chain, &inode->sem: 0| a |0 0'],
    ],
    ['an unknown role is its own title', [{ role: 'new-role', frames: frames('a') }], ['new-role: 0| a |0 0']],
  ])('%s', (_name, stacks, expected) => {
    expect(shown(stacks)).toEqual(expected);
  });

  test('many stacks are a few', () => {
    expect(shown(Array.from({ length: 50 }, () => ({ role: 'task', frames: frames('a') })))).toHaveLength(8);
  });

  test('a frame says all that is known of it', () => {
    const inlined = {
      fn: 'f',
      offset: '0x1',
      size: '0x2',
      module: 'm',
      reliable: true,
      file: 'a.c',
      line: 3,
      inlined: true,
    };
    expect(shown([{ role: 'trap', frames: [inlined] }], '')).toEqual([
      'call trace: 0| f+0x1/0x2 [m] a.c:3 (inlined) |0 0',
    ]);
  });
});
