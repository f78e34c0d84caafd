import { expect, test } from 'vitest';
import { NETWORK_KINDS, type NetworkKind } from '../../model/network.ts';
import { machineArgs } from './args.ts';
import { sandboxArgs } from './sandbox.ts';

const KERNEL = { name: 'k', release: '6.1.0', arch: 'x86_64', image: '/k/bzImage', config: '' } as const;

function args(network?: NetworkKind): string[] {
  const machine = { kernel: KERNEL, initramfs: '/i', accelerator: 'tcg', cpus: 1, memoryMiB: 256 } as const;
  return machineArgs('/run/g', { ...machine, ...(network !== undefined && { network }) });
}

test.each<[network: NetworkKind | undefined, netdev: string | undefined]>([
  [undefined, undefined],
  ['none', undefined],
  ['restricted', 'user,id=net,restrict=on'],
  ['user', 'user,id=net'],
])('network %s', (network, netdev) => {
  const line = args(network);
  expect(line.filter((_, i) => line[i - 1] === '-netdev')).toEqual(netdev === undefined ? [] : [netdev]);
  expect(line.some((word) => word.startsWith('virtio-net'))).toBe(netdev !== undefined);
  expect(line.some((word) => / guest_net=1( |$)/.test(word))).toBe(netdev !== undefined);
  // Without it QEMU adds a card of its own.
  expect(line).toContain('-nodefaults');
});

test('every kind of network is tried above', () => {
  expect(NETWORK_KINDS).toEqual(['none', 'restricted', 'user']);
});

test.each([
  ['a program that knows nothing of it', '/bin/false', []],
  ['one that is not there', '/no/such/qemu', []],
  [
    'one that takes it',
    '/bin/true',
    ['-sandbox', 'on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny'],
  ],
])('the sandbox of %s', (_, program, expected) => {
  expect(sandboxArgs(program)).toEqual(expected);
});
