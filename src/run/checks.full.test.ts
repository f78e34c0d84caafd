import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isFinding } from '../model/event.ts';
import { GUEST_PATHS } from './prepare.ts';
import { openTestGuest, type TestGuest } from './testing.ts';
import { isKernelThere, TEST_KERNELS } from './testing-kernels.ts';

const SECONDS = Number(process.env.CHECK_SECONDS ?? 10);
const CHECKS = [
  'files',
  'names',
  'attributes',
  'permissions',
  'handles',
  'threads',
  'interrupts',
  'calls',
  'vectors',
  'speed',
];

describe.each(['stock', 'kasan'] as const)('vexfs of a %s guest', (kernel) => {
  describe.skipIf(!isKernelThere(kernel))('', () => {
    let guest: TestGuest;
    beforeAll(async () => {
      guest = await openTestGuest({ kernel: TEST_KERNELS[kernel], recover: false, trace: false });
    });
    afterAll(() => guest?.close());

    /** What a check said, a value a line, and its exit status. */
    async function run(...args: string[]): Promise<{ status: unknown; lines: { readonly [key: string]: unknown }[] }> {
      const argv = ['/bin/vexcheck', 'run', ...args];
      const { status, output } = await guest.attached.under.guest.control.request(
        'exec',
        { argv },
        { timeoutMs: 120_000 },
      );
      const lines = String(output).split('\n').filter(Boolean);
      return { status, lines: lines.map((line) => JSON.parse(line)) };
    }

    test.each(CHECKS)('%s is right, and the kernel has nothing to say', async (name) => {
      const { status, lines } = await run(name, '--dir', GUEST_PATHS.mount, '--seconds', String(SECONDS));
      expect(lines).toEqual([expect.objectContaining({ check: name, result: 'right' })]);
      expect(status).toBe(0);
      expect(guest.events.filter(isFinding).map(({ title }) => title)).toEqual([]);
    });

    test.each([
      ['hits-swap', /^id of a hit|^order of hits/],
      ['hit-score', /^score of a hit|^order of hits/],
      ['hit-lose', /^number of hits/],
      ['vector-id', /^first id of an add/],
      ['vector-drop', /^first id of an add/],
      ['vector-count', /^vectors in the statistics/],
      ['errno', /^error of |^add |^search /],
    ])('vectors finds %s', async (lie, what) => {
      const { status, lines } = await run('vectors', '--dir', GUEST_PATHS.mount, '--ops', '300', '--lie', lie);
      expect(lines[0]).toMatchObject({ wrong: 'vectors', what: expect.stringMatching(what) });
      expect(status).toBe(1);
    });
  });
});
