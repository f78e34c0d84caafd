import { environmentName, KEYS, type Key, OPTION_TABLE, SECTION_FLAGS, sectionOf } from './table.ts';
import type { Value, ValueType } from './value-types.ts';

/** A value as it would be written in a file, on one line. */
export function writtenValue(key: Key, value: Value | undefined): string {
  return value === undefined ? '' : WRITERS[OPTION_TABLE[key].type](value);
}

const list = (values: Iterable<string>) => `[${[...values].map(scalar).join(', ')}]`;
const plain = (value: Value) => scalar(String(value));

const WRITERS: Readonly<Record<ValueType, (value: Value) => string>> = {
  text: plain,
  count: plain,
  duration: (value) => (Number(value) % 1000 === 0 ? `${Number(value) / 1000}s` : `${value}ms`),
  bytes: (value) => (Number(value) % (1 << 20) === 0 ? `${Number(value) / (1 << 20)}MiB` : String(value)),
  ratio: plain,
  choice: plain,
  list: (value) => list(value as readonly string[]),
  actions: (value) => list(value as ReadonlySet<string>),
  argv: (value) => list(value as readonly string[]),
};

/** JSON strings are YAML as well. */
function scalar(text: string): string {
  return /^[\w./][\w./+-]*$/.test(text) ? text : JSON.stringify(text);
}

/** How a key is given on the command line. */
export function flagOf(key: Key): string {
  const section = sectionOf(key);
  if (section === undefined) return OPTION_TABLE[key].flag ?? '';
  return `${SECTION_FLAGS[section.section].flag.split(' ')[0]} ${section.name}=…`;
}

/** What each type is written like, where the key has no default to show it. */
const SAMPLES: Readonly<Record<ValueType, string>> = {
  text: '…',
  count: '4',
  duration: '90s',
  bytes: '1MiB',
  ratio: '0.95',
  choice: '',
  list: '[…]',
  actions: '[restore-snapshot]',
  argv: '[logger, vexfs-trace]',
};

/** A file with every key, all of them commented out. */
export function exampleConfig(): string {
  const lines = ['# Options of vexfs-trace. A flag counts before the environment, that before this file.'];
  let open: readonly string[] = [];
  for (const key of KEYS) {
    const path = key.split('.');
    const sections = path.slice(0, -1);
    const shared = sections.findIndex((name, i) => open[i] !== name);
    const from = shared < 0 ? sections.length : shared;
    if (from === 0 && (sections.length > 0 || open.length > 0)) lines.push('');
    lines.push(...sections.slice(from).map((name, i) => `# ${'  '.repeat(from + i)}${name}:`));
    open = sections;
    const { type, values, default: standard, about } = OPTION_TABLE[key];
    const value = standard ?? values?.[0] ?? SAMPLES[type];
    lines.push(`# ${'  '.repeat(sections.length)}${path.at(-1)}: ${value}   # ${about}`);
  }
  return `${lines.join('\n')}\n`;
}

/** The rows of docs/configuration.md. */
export function tableOfOptions(): string {
  const rows = KEYS.map((key) => {
    const { type, values, default: standard, about } = OPTION_TABLE[key];
    const form = values === undefined ? type : values.map((value) => `\`${value}\``).join(', ');
    const cells = [
      `\`${key}\``,
      `\`${flagOf(key)}\``,
      `\`${environmentName(key)}\``,
      form,
      standard === undefined ? '' : `\`${standard}\``,
      about,
    ];
    return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  });
  return ['| key | flag | environment | form | default | |', '|---|---|---|---|---|---|', ...rows].join('\n');
}
