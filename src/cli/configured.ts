import { type Command, InvalidArgumentError, Option } from 'commander';
import { didYouMean } from '../base/text.ts';
import { type Effective, resolveOptions } from '../config/effective.ts';
import { KEYS, type Key, OPTION_TABLE, SECTION_FLAGS, type SectionWithFlag, sectionOf } from '../config/table.ts';
import { readValue, type Value } from '../config/value-types.ts';
import { say } from './output.ts';

/** Which key an option of a command gives. */
const KEY_OF = new WeakMap<Option, Key>();
/** Options that give keys of a section by name. */
const SECTION_OPTIONS = new WeakSet<Option>();

/** The option of the command line that gives a key of the table (src/config/table.ts). */
export function tableOption(key: Key): Option {
  const row = OPTION_TABLE[key];
  const option = new Option(row.flag ?? '', row.about);
  if (row.type === 'list') option.argParser(collect).default([] as string[], 'none');
  else if (row.values !== undefined) option.choices([...row.values]);
  else option.argParser((text) => readFlag(key, text));
  if (row.default !== undefined) option.default(readFlag(key, row.default));
  KEY_OF.set(option, key);
  return option;
}

export function configOption(): Option {
  return new Option('--config <file>', 'options from this file (default: vexfs-trace.yaml here or above)');
}

export function collect(value: string, before: readonly string[] | undefined): string[] {
  return [...(before ?? []), value];
}

function readFlag(key: Key, text: string): Value {
  const read = readValue(OPTION_TABLE[key], text);
  if ('problem' in read) throw new InvalidArgumentError(read.problem);
  return read.value;
}

function sectionOption(section: SectionWithFlag): Option {
  const { flag, about } = SECTION_FLAGS[section];
  const known = new Map(
    KEYS.flatMap((key) => (sectionOf(key)?.section === section ? [[sectionOf(key)?.name, key]] : [])) as [
      string,
      Key,
    ][],
  );
  const option = new Option(flag, about).argParser((text: string, before: ReadonlyMap<Key, Value> | undefined) => {
    const equals = text.indexOf('=');
    const name = text.slice(0, Math.max(0, equals));
    const key = known.get(name);
    if (key !== undefined) return new Map([...(before ?? []), [key, readFlag(key, text.slice(equals + 1))]]);
    const near = didYouMean(name || text, known.keys());
    const hint = near === undefined ? `There are ${[...known.keys()].join(', ')}.` : `Did you mean ${near}=…?`;
    throw new InvalidArgumentError(`there is no "${(name || text).slice(0, 80)}". ${hint}`);
  });
  SECTION_OPTIONS.add(option);
  return option;
}

/** Gives a command the flags of these keys, those of the sections that they are in, and `--config`. */
export function addConfigured(command: Command, keys: readonly Key[]): Command {
  const sections = new Set(keys.flatMap((key) => sectionOf(key)?.section ?? []));
  for (const key of keys) if (OPTION_TABLE[key].flag !== undefined) command.addOption(tableOption(key));
  for (const section of sections) command.addOption(sectionOption(section));
  return command.addOption(configOption());
}

/**
 * What is in force for a command whose options were added by `addConfigured`: `options.get('thresholds.hang')` is the value of the flag
 * (`--threshold hang=90s`), of the environment (`VEXFS_TRACE_THRESHOLDS_HANG`), of the file (`thresholds: { hang: 90s }`) or the default
 * of the table, in this order; `options.origin(key)` says which. Durations are milliseconds, sizes bytes. What a file names to be run here
 * and is not to be trusted with is warned of and left out. Fails with exit 2 and every problem as `file:line:column: what`.
 */
export async function effectiveOptions(command: Command): Promise<Effective> {
  const flags = new Map<Key, Value>();
  const given = command.opts<Record<string, unknown>>();
  for (const option of command.options) {
    const name = option.attributeName();
    if (command.getOptionValueSource(name) !== 'cli') continue;
    const key = KEY_OF.get(option);
    if (key !== undefined) flags.set(key, given[name] as Value);
    if (SECTION_OPTIONS.has(option))
      for (const [each, value] of given[name] as ReadonlyMap<Key, Value>) flags.set(each, value);
  }
  const effective = await resolveOptions({
    flags,
    environment: process.env,
    folder: process.cwd(),
    ...(typeof given.config === 'string' && { config: given.config }),
  });
  for (const text of effective.refused.values()) say(`warning: ${text}`);
  return effective;
}

/**
 * Before a command runs that has options of the table beside others: those that no flag gave take what the environment or a file says.
 * One that cannot go with a flag that was given stays away.
 */
export async function applyConfiguration(command: Command): Promise<void> {
  const options = command.options.flatMap((option) => {
    const key = KEY_OF.get(option);
    return key === undefined || SECTION_OPTIONS.has(option) ? [] : [{ key, option, name: option.attributeName() }];
  });
  if (options.length === 0) return;
  const isGiven = (name: string) => command.getOptionValueSource(name) === 'cli';
  const { config } = command.opts<{ config?: string }>();
  const effective = await resolveOptions({
    keys: options.map(({ key }) => key),
    flags: new Map(),
    environment: process.env,
    folder: process.cwd(),
    ...(config !== undefined && { config }),
  });
  for (const { key, name } of options) {
    const refused = effective.refused.get(key);
    if (refused !== undefined) say(`warning: ${refused}`);
    if (effective.origin(key).kind === 'default' || isGiven(name) || conflicts(command, name).some(isGiven)) continue;
    command.setOptionValueWithSource(name, effective.get(key), 'config');
  }
}

/** Names of the options that cannot go with one, whichever of the two says so. */
function conflicts({ options }: Command, name: string): string[] {
  return options.flatMap((option) => {
    const { conflictsWith } = option as unknown as { readonly conflictsWith: readonly string[] };
    const own = option.attributeName();
    return own === name ? conflictsWith : conflictsWith.includes(name) ? [own] : [];
  });
}
