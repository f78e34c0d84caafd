import { expect, test } from 'vitest';
import { cleanSample } from './clean-sample.ts';

test.each([
  ['CRLF', 'one\r\ntwo\r\n', 'one\ntwo\n'],
  [
    'a host in a syslog line',
    'Nov 21 09:34:02 build7.example.org kernel: BUG: x',
    'Nov 21 09:34:02 host kernel: BUG: x',
  ],
  [
    'a host in an ISO line',
    '2026-11-21T09:34:02.123+01:00 build7 kernel: BUG',
    '2026-11-21T09:34:02.123+01:00 host kernel: BUG',
  ],
  ['who built the kernel', 'Linux version 6.1.0 (jane@laptop) (gcc 12)', 'Linux version 6.1.0 (user@host) (gcc 12)'],
  ['mail', 'write to jane.doe@example.com now', 'write to user@example.org now'],
  ['a home', 'exe /home/jane/work/a.out', 'exe /home/user/work/a.out'],
  ['a machine', 'Hardware name: Dell Inc. XPS 13/0ABC, BIOS 1.2', 'Hardware name: a machine'],
  [
    'an emulated machine says nothing',
    'Hardware name: QEMU Standard PC (Q35 + ICH9, 2009)',
    'Hardware name: QEMU Standard PC (Q35 + ICH9, 2009)',
  ],
  ['network addresses', 'eth0 52:54:00:12:34:56 10.1.2.3 127.0.0.1', 'eth0 00:00:5e:00:53:01 192.0.2.1 127.0.0.1'],
  ['an UUID', 'root=UUID=5a1c0b9e-7d5a-4b43-9f1c-0f4f1bd7b1a2', 'root=UUID=00000000-0000-4000-8000-000000000000'],
  [
    'pointers: the same page stays the same page, the place within it is kept',
    'RAX: ffff888006a9e910 RBX: ffff888006a9e918 RCX: ffff8880ffff1000 RDX: ff1965ec6f954fe8',
    'RAX: ffff888000001910 RBX: ffff888000001918 RCX: ffff888000002000 RDX: ffff888000003fe8',
  ],
  [
    'no pointers: code, poison, error codes, user addresses',
    'RIP ffffffffc05b6cb0 6b6b6b6b6b6b6b6b fffffffffffffff4 00007fff9344f8f8',
    'RIP ffffffffc05b6cb0 6b6b6b6b6b6b6b6b fffffffffffffff4 00007fff9344f8f8',
  ],
])('%s', (_name, text, cleaned) => {
  expect(cleanSample(text)).toBe(cleaned);
  expect(cleanSample(cleaned)).toBe(cleaned);
});
