import { EXIT } from '../base/errors.ts';
import { environmentName, KEYS, OPTION_TABLE } from '../config/table.ts';
import { allCommands, type CommandNode, type OptionNode } from './command-node.ts';
import { bold, italic, roff, roffLines } from './roff.ts';

export interface ManOptions {
  readonly version: string;
}

/** The manual page of the program, section 1, with every command: man(7) macros, as man-pages(7) orders sections. */
export function manPage(program: CommandNode, { version }: ManOptions): string {
  const { name } = program;
  return [
    `.TH ${name.toUpperCase()} 1 "" "${roff(`${name} ${version}`)}" "User Commands"`,
    '.SH NAME',
    `${roff(name)} \\- ${roff(program.about)}`,
    '.SH SYNOPSIS',
    ...program.commands.flatMap((command) => ['.br', `${bold(`${name} ${command.name}`)} ${usage(command)}`]).slice(1),
    '.SH DESCRIPTION',
    ...roffLines(program.about),
    '.SH COMMANDS',
    ...allCommands(program).flatMap(({ path, node }) => (path.length === 0 ? [] : section([name, ...path], node))),
    '.SH ENVIRONMENT',
    'Options that a command does not get as flags are taken from here, and then from',
    `${italic('vexfs-trace.yaml')}.`,
    ...KEYS.flatMap((key) => ['.TP', bold(environmentName(key)), ...roffLines(OPTION_TABLE[key].about)]),
    '.SH EXIT STATUS',
    ...Object.entries(EXIT).flatMap(([meaning, code]) => [
      '.TP',
      bold(String(code)),
      ...roffLines(EXIT_WORDS[meaning as keyof typeof EXIT]),
    ]),
    ...(program.after === '' ? [] : ['.SH EXAMPLES', ...verbatim(program.after)]),
    '',
  ].join('\n');
}

const EXIT_WORDS: Readonly<Record<keyof typeof EXIT, string>> = {
  ok: 'Nothing was found.',
  findings: 'Something was found.',
  usage: 'An option, a configuration file or a pattern is wrong.',
  missing: 'The machine lacks something.',
  nothingRan: 'Nothing ran.',
  guest: 'A guest or what surrounds it failed.',
  timeout: 'The time was over.',
  sigint: 'Interrupted.',
  sigterm: 'Ended by a signal.',
};

function section(path: readonly string[], node: CommandNode): string[] {
  return [
    `.SS "${roff([...path.slice(1)].join(' '))}"`,
    `${bold(path.join(' '))} ${usage(node)}`,
    '.PP',
    ...roffLines(sentence(node.about)),
    ...node.arguments.flatMap(({ written, about, choices }) => entry(italic(written), about, choices)),
    ...node.options.flatMap((option) => entry(bold(option.written), aboutOf(option), option.choices)),
    ...(node.after === '' ? [] : ['.PP', ...verbatim(node.after)]),
  ];
}

function usage({ options, arguments: args, commands }: CommandNode): string {
  const parts = [
    ...(options.length > 0 ? ['[options]'] : []),
    ...(commands.length > 0 ? ['<command>'] : []),
    ...args.map(({ written }) => written),
  ];
  return italic(parts.join(' '));
}

function entry(head: string, about: string, choices: readonly string[]): string[] {
  const known = choices.length === 0 ? '' : ` One of ${choices.join(', ')}.`;
  return ['.TP', head, ...roffLines(`${sentence(about)}${known}`)];
}

function aboutOf({ about, default: standard }: OptionNode): string {
  return standard === undefined ? about : `${sentence(about)} Default: ${standard}`;
}

function sentence(text: string): string {
  return text === '' || /[.:]$/.test(text) ? text : `${text}.`;
}

/** Lines as they stand. */
function verbatim(text: string): string[] {
  return ['.EX', ...text.split('\n').map((line) => roff(line)), '.EE'];
}
