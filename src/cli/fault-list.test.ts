import { expect, test } from 'vitest';
import { CAPABILITIES, type CapabilityTable } from '../model/capability.ts';
import type { FaultList } from '../run/fault-list.ts';
import { faultLines, matrixLines } from './fault-list.ts';

const list: FaultList = {
  kernel: '6.1.0',
  fstype: 'vexfs',
  capabilities: Object.fromEntries(
    CAPABILITIES.map((name) => [name, { has: name !== 'kasan', why: `about ${name}` }]),
  ) as CapabilityTable,
  faults: [
    { name: 'failslab', group: 'kernel', about: 'fails', parameters: [], lacks: 'CONFIG_FAILSLAB is not set' },
    {
      name: 'disk-full',
      group: 'environment',
      about: 'fills',
      parameters: [{ name: 'leave', default: 0, unit: 'MiB', about: 'what stays free' }],
    },
    { name: 'bug', group: 'module', about: 'a BUG', parameters: [], classification: 'module-crash' },
  ],
};

test('the list says what can be used, and why not', () => {
  expect(faultLines(list).join('\n')).toMatchInlineSnapshot(`
    "failslab     kernel                  no: CONFIG_FAILSLAB is not set  fails
    disk-full    environment             yes   fills
                   leave=0 MiB: what stays free
    bug          module-crash            yes   a BUG"
  `);
});

test('the matrix says with which detectors', () => {
  expect(matrixLines(list).join('\n')).toMatchInlineSnapshot(`
    "kernel 6.1.0, file system vexfs
    fault        usable  kasan  kcsan  ubsan  lockdep  kmemleak  hung-task  soft-lockup
    failslab     no      -      -      -      -        -         -          -            CONFIG_FAILSLAB is not set
    disk-full    yes     -      yes    yes    yes      yes       yes        yes
    bug          yes     -      yes    yes    yes      yes       yes        yes

    kasan        about kasan
    kcsan        about kcsan
    ubsan        about ubsan
    lockdep      about lockdep
    kmemleak     about kmemleak
    hung-task    about hung-task
    soft-lockup  about soft-lockup"
  `);
});
