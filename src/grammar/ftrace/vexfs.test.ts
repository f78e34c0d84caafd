import { describe, expect, test } from 'vitest';
import type { VexfsEvent } from '../../model/trace.ts';
import { payloadFields } from './payload.ts';
import { vexfsEvent } from './vexfs.ts';

describe('vexfsEvent', () => {
  test.each<[string, string, VexfsEvent]>([
    [
      'op_begin',
      'op=write sb=vexfs ino=18446744073709551615 id=9',
      { kind: 'op-begin', op: 'write', sb: 'vexfs', ino: '18446744073709551615', id: '9' },
    ],
    [
      'op_end',
      'op=write sb=vexfs ino=2 id=9 ret=-28 ns=1500',
      { kind: 'op-end', op: 'write', sb: 'vexfs', ino: '2', id: '9', ret: -28, ns: 1500 },
    ],
    [
      'lock_attempt',
      'class=inode.vec_sem mode=W lock=0xffff888003a1b2c8 ip=vexfs_vector_add+0x3f/0x2c0 [vexfs]',
      {
        kind: 'lock-attempt',
        class: 'inode.vec_sem',
        mode: 'W',
        lock: '0xffff888003a1b2c8',
        ip: 'vexfs_vector_add+0x3f/0x2c0 [vexfs]',
      },
    ],
    [
      'mem_access',
      'object=sbi addr=0xffff888003a1b2c8 member=used size=8 write=1 marked=0 ip=vexfs_charge+0x1/0x2 [vexfs] more=1',
      {
        kind: 'mem-access',
        object: 'sbi',
        addr: '0xffff888003a1b2c8',
        member: 'used',
        size: 8,
        write: true,
        marked: false,
        ip: 'vexfs_charge+0x1/0x2 [vexfs]',
      },
    ],
    ['alloc', 'what=chunk ptr=0xff size=4096', { kind: 'alloc', what: 'chunk', ptr: '0xff', size: 4096 }],
    ['free', 'what=chunk ptr=0xff', { kind: 'free', what: 'chunk', ptr: '0xff' }],
    [
      'search',
      'ino=2 metric=l2 dim=8 count=10 k=3 ns=77',
      { kind: 'search', ino: '2', metric: 'l2', dim: 8, count: 10, k: 3, ns: 77 },
    ],
  ])('%s', (name, payload, expected) => {
    expect(vexfsEvent({ name, payload })).toEqual(expected);
  });
  test.each([
    ['lock_acquired', '00000000971d546d &mm->mmap_lock'],
    ['op_end', 'op=write sb=vexfs ino=2 id=9 ret=-28'],
    ['op_end', 'op=write sb=vexfs ino=2 id=9 ret=x ns=y'],
    ['constructor', 'op=1'],
  ])('%s: %s is none of them', (name, payload) => {
    expect(vexfsEvent({ name, payload })).toBeNull();
  });
});

describe('payloadFields', () => {
  test('values with blanks', () => {
    const fields = payloadFields('prev_comm=npm view execa  prev_pid=1 prev_state=R ==> next_comm=a b next_pid=2');
    expect(Object.fromEntries(fields)).toEqual({
      prev_comm: 'npm view execa ',
      prev_pid: '1',
      prev_state: 'R',
      next_comm: 'a b',
      next_pid: '2',
    });
  });
});
