import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { expectMarked } from '../base/testing-marked.ts';
import { CAPABILITIES, type Capability, type CapabilityTable } from '../model/capability.ts';
import { FAULTS, faultsFor, findFault } from './faults.ts';
import { type FaultRow, readParams } from './row.ts';
import type { FaultTarget } from './target.ts';

const names = FAULTS.map(({ name }) => name);

const table = (lacking: readonly Capability[]) =>
  Object.fromEntries(
    CAPABILITIES.map((name) => [name, { has: !lacking.includes(name), why: `about ${name}` }]),
  ) as CapabilityTable;

describe('the table of faults', () => {
  test('each has a name of its own', () => {
    expect(new Set(names).size).toBe(names.length);
  });

  test.each(FAULTS.map((row) => [row.name, row] as const))('%s has parameters with names of their own', (_, row) => {
    const parameters = row.parameters.map(({ name }) => name);
    expect(new Set(parameters).size).toBe(parameters.length);
    expect(readParams(row)).toEqual(Object.fromEntries(row.parameters.map((each) => [each.name, each.default])));
  });

  test('what a guest lacks is said with its reason', () => {
    const usable = faultsFor(table(['failslab', 'freeze']));
    expect(usable.filter(({ lacks }) => lacks).map(({ row, lacks }) => [row.name, lacks])).toEqual([
      ['failslab', { capability: 'failslab', why: 'about failslab' }],
      ['frozen-guest', { capability: 'freeze', why: 'about freeze' }],
    ]);
  });

  test('a name that is not there is a usage error that knows better', () => {
    expect(() => findFault('fail-slab', FAULTS)).toThrow('there is no fault "fail-slab", did you mean "failslab"?');
  });
});

describe('parameters', () => {
  const row = findFault('failslab', FAULTS);

  test.each([
    ['', {}],
    ['5', { probability: 5 }],
    ['times=-1', { times: -1 }],
    ['probability=100,times=3,verbose=0', { probability: 100, times: 3, verbose: 0 }],
  ])('"%s"', (text, expected) => {
    expect(readParams(row, text)).toMatchObject(expected);
  });

  test.each([
    ['time=5', 'failslab has no parameter "time", did you mean "times"?'],
    ['probability=101', 'failslab: probability is "101", but a whole number from 0 to 100 is needed'],
    ['times=', 'failslab: times is "", but a whole number is needed'],
    ['times=1e99', 'failslab: times is "1e99", but a whole number is needed'],
  ])('"%s" is refused', (text, message) => {
    expect(() => readParams(row, text)).toThrow(message);
  });
});

/** A target whose guest runs the shell's own check of syntax on every script instead of the script. */
function syntaxTarget(scripts: string[]): FaultTarget {
  const request = async (_: string, fields: Readonly<Record<string, unknown>> = {}) => {
    const argv = fields.argv as readonly string[] | undefined;
    if (argv !== undefined) scripts.push(argv[2] ?? '');
    return { status: 0, output: '0' };
  };
  const control = { request, onNotice: () => () => {}, lastSeen: 0 };
  return {
    guest: { control } as unknown as FaultTarget['guest'],
    mountPoint: '/mnt',
    module: 'm',
    device: '/dev/x',
    load: () => 1,
    log: () => () => {},
  };
}

describe('scripts for the guest', () => {
  test.each(FAULTS.filter(({ group }) => group !== 'machine').map((row) => [row.name, row] as const))(
    '%s: the shell can read them',
    async (_, row: FaultRow) => {
      const scripts: string[] = [];
      const armed = await row.arm(syntaxTarget(scripts), readParams(row));
      await armed.report();
      await armed.release();
      expect(scripts.length).toBeGreaterThan(1);
      for (const script of scripts) {
        const { status, stderr } = spawnSync('busybox', ['sh', '-n', '-c', script], { encoding: 'utf8' });
        expect({ status, stderr, script }).toEqual({ status: 0, stderr: '', script });
      }
    },
  );
});

test('the documented table is the table', () => {
  const cell = (text: string) => text.replaceAll('|', '\\|');
  const rows = FAULTS.map(({ name, group, about, needs, parameters, leaves }) => {
    const settings = parameters.map(
      (each) => `\`${each.name}\`=${each.default}${each.unit === '' ? '' : ` ${each.unit}`}`,
    );
    return `| \`${name}\` | ${group} | ${cell(about)} | ${needs.filter((need) => need !== 'root').join(', ')} | ${settings.join(', ')} | ${leaves} |`;
  });
  const head =
    '| fault | group | what happens | needs | parameters with defaults | leaves the guest |\n|---|---|---|---|---|---|';
  expectMarked('docs/faults.md', 'src/fault/faults.test.ts', [head, ...rows].join('\n'));
});

describe('a fault that cannot be armed', () => {
  const rows = FAULTS.filter(({ group }) => group !== 'machine');

  test.each(rows.map((row) => [row.name, row] as const))(
    '%s leaves nobody listening, and is undone',
    async (_, row) => {
      // Whichever of its steps it is that fails.
      for (let bad = 0; bad < 3; bad++) {
        const scripts: string[] = [];
        let listening = 0;
        const target = syntaxTarget(scripts);
        const request = async (_cmd: string, fields: Readonly<Record<string, unknown>> = {}) => {
          scripts.push(((fields.argv as readonly string[] | undefined) ?? [])[2] ?? '');
          return { status: scripts.length === bad + 1 ? 1 : 0, output: '0' };
        };
        const guest = { ...target.guest, control: { ...target.guest.control, request } };
        const log = () => {
          listening += 1;
          return () => {
            listening -= 1;
          };
        };
        const armed = await row
          .arm({ ...target, guest, log } as unknown as FaultTarget, readParams(row))
          .catch(() => undefined);
        if (armed !== undefined) continue;
        expect(listening).toBe(0);
        if (bad > 0) expect(scripts.length).toBeGreaterThan(bad + 1);
      }
    },
  );
});
