import { escapeTerminal } from '../base/text.ts';
import type { Capability } from '../model/capability.ts';
import type { FaultList, ListedFault } from '../run/fault-list.ts';
import { print } from './output.ts';

/** Columns of the matrix: what sees what a fault does. */
const DETECTORS: readonly Capability[] = ['kasan', 'kcsan', 'ubsan', 'lockdep', 'kmemleak', 'hung-task', 'soft-lockup'];

/** Every fault with its parameters, and why it cannot be used where it cannot. */
export function printFaults({ faults }: FaultList): void {
  const width = widest(faults);
  for (const fault of faults) {
    const what = fault.classification ?? fault.group;
    const why = fault.lacks === undefined ? 'yes' : `no: ${fault.lacks}`;
    print(escapeTerminal(`${fault.name.padEnd(width)}  ${what.padEnd(22)}  ${why.padEnd(4)}  ${fault.about}`));
    const parameters = fault.classification === undefined ? fault.parameters : [];
    for (const { name, default: value, unit, about } of parameters)
      print(`${' '.repeat(width)}    ${name}=${value}${unit === '' ? '' : ` ${unit}`}: ${about}`);
  }
}

/** Kernel × detector × fault × file system: with which detectors armed a fault can be tried. */
export function printMatrix({ kernel, fstype, capabilities, faults }: FaultList): void {
  print(`kernel ${kernel}, file system ${fstype}`);
  const width = widest(faults);
  print(`${'fault'.padEnd(width)}  ${['usable', ...DETECTORS].join('  ')}`);
  for (const { name, lacks } of faults) {
    const cells = DETECTORS.map((each) =>
      (lacks === undefined && capabilities[each].has ? 'yes' : '-').padEnd(each.length),
    );
    const line = `${name.padEnd(width)}  ${(lacks === undefined ? 'yes' : 'no').padEnd(6)}  ${cells.join('  ')}`;
    print(escapeTerminal(lacks === undefined ? line.trimEnd() : `${line}  ${lacks}`));
  }
  print('');
  for (const each of DETECTORS) print(`${each.padEnd(width)}  ${capabilities[each].why}`);
}

function widest(faults: readonly ListedFault[]): number {
  return Math.max(...faults.map(({ name }) => name.length));
}
