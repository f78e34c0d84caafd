import type { Capability } from '../model/capability.ts';
import type { FaultList, ListedFault } from '../run/fault-list.ts';

/** Columns of the matrix: what sees what a fault does. */
const DETECTORS: readonly Capability[] = ['kasan', 'kcsan', 'ubsan', 'lockdep', 'kmemleak', 'hung-task', 'soft-lockup'];

/** Every fault with its parameters, and why it cannot be used where it cannot. */
export function faultLines({ faults }: FaultList): string[] {
  const width = widest(faults);
  return faults.flatMap(({ name, group, classification, lacks, about, parameters }) => {
    const why = lacks === undefined ? 'yes' : `no: ${lacks}`;
    const settings = classification === undefined ? parameters : [];
    return [
      `${name.padEnd(width)}  ${(classification ?? group).padEnd(22)}  ${why.padEnd(4)}  ${about}`,
      ...settings.map(
        (each) => `${' '.repeat(width)}    ${each.name}=${each.default}${unitOf(each.unit)}: ${each.about}`,
      ),
    ];
  });
}

/** Kernel × detector × fault × file system: with which detectors armed a fault can be tried, and why not. */
export function matrixLines({ kernel, fstype, capabilities, faults }: FaultList): string[] {
  const width = widest(faults);
  return [
    `kernel ${kernel}, file system ${fstype}`,
    `${'fault'.padEnd(width)}  ${['usable', ...DETECTORS].join('  ')}`,
    ...faults.map(({ name, lacks }) => {
      const cells = DETECTORS.map((each) =>
        (lacks === undefined && capabilities[each].has ? 'yes' : '-').padEnd(each.length),
      );
      const row = [
        name.padEnd(width),
        (lacks === undefined ? 'yes' : 'no').padEnd('usable'.length),
        ...cells,
        lacks ?? '',
      ];
      return row.join('  ').trimEnd();
    }),
    '',
    ...DETECTORS.map((each) => `${each.padEnd(width)}  ${capabilities[each].why}`),
  ];
}

function unitOf(unit: string): string {
  return unit === '' ? '' : ` ${unit}`;
}

function widest(faults: readonly ListedFault[]): number {
  return Math.max(...[...faults.map(({ name }) => name), ...DETECTORS].map((name) => name.length));
}
