import { ExpectedError } from '../base/errors.ts';
import { didYouMean } from '../base/text.ts';
import type { Capability } from '../model/capability.ts';
import type { Armed, FaultTarget } from './target.ts';

export const FAULT_GROUPS = ['kernel', 'module', 'environment', 'machine'] as const;
type FaultGroup = (typeof FAULT_GROUPS)[number];

/** A setting of a fault. Whether it is a number shows in its default. */
export interface Parameter {
  readonly name: string;
  readonly default: number | string;
  /** `%`, `ms`, `s`, `MiB`, … or `` for a plain number or word. */
  readonly unit: string;
  readonly about: string;
}

/** All parameters of a row with their values. */
export type Params = Readonly<Record<string, number | string>>;

/** A fault as data, and what does it. */
export interface FaultRow {
  readonly name: string;
  readonly group: FaultGroup;
  readonly about: string;
  readonly needs: readonly Capability[];
  readonly parameters: readonly Parameter[];
  /** `broken`: the guest is of no use until it is recovered, and `release` alone may not bring it back. */
  readonly leaves: 'working' | 'broken';
  arm(target: FaultTarget, params: Params): Promise<Armed>;
}

/**
 * The parameters of a row from what a person wrote: `key=value,key=value`, or a value alone for the first one. What is
 * left out gets its default. Throws a usage error that names the parameter.
 */
export function readParams(row: FaultRow, text = ''): Params {
  const params: Record<string, number | string> = {};
  for (const each of row.parameters) params[each.name] = each.default;
  for (const part of text.split(',').filter(Boolean)) {
    const at = part.indexOf('=');
    const name = at < 0 ? row.parameters[0]?.name : part.slice(0, at);
    const value = at < 0 ? part : part.slice(at + 1);
    const parameter = row.parameters.find((each) => each.name === name);
    if (parameter === undefined) throw unknown(row, name ?? part);
    params[parameter.name] = typeof parameter.default === 'number' ? number(row, parameter, value) : value;
  }
  return params;
}

function number(row: FaultRow, { name, unit }: Parameter, value: string): number {
  const result = Number(value);
  const inRange = unit !== '%' || (result >= 0 && result <= 100);
  if (value !== '' && Number.isSafeInteger(result) && inRange) return result;
  const wanted = unit === '%' ? 'a whole number from 0 to 100' : 'a whole number';
  throw new ExpectedError('usage', `${row.name}: ${name} is "${value}", but ${wanted} is needed`);
}

function unknown(row: FaultRow, name: string): ExpectedError {
  const names = row.parameters.map((each) => each.name);
  const near = didYouMean(name, names);
  return new ExpectedError(
    'usage',
    `${row.name} has no parameter "${name}"${near === undefined ? '' : `, did you mean "${near}"?`}`,
    names.length === 0 ? `${row.name} takes none` : `it has ${names.join(', ')}`,
  );
}
