import type { Argument, Command, Option } from 'commander';
import type { ArgumentNode, CommandNode, OptionNode } from '../generate/command-node.ts';

/** A command and all below it as data, as its help has them. */
export function commandTree(command: Command): CommandNode {
  const help = command.createHelp();
  return {
    name: command.name(),
    about: help.subcommandDescription(command),
    arguments: help.visibleArguments(command).map(argumentNode),
    options: help.visibleOptions(command).map(optionNode),
    commands: help
      .visibleCommands(command)
      .filter((below) => below.name() !== 'help')
      .map(commandTree),
    after: textAfter(command),
  };
}

/** Words for values that are names of files. */
const PATHS = /file|path|folder|image|capture|recording|log|program|baseline/;

function argumentNode(argument: Argument): ArgumentNode {
  const name = `${argument.name()}${argument.variadic ? '...' : ''}`;
  const choices = argument.argChoices ?? [];
  return {
    ...{ written: argument.required ? `<${name}>` : `[${name}]`, about: argument.description, choices },
    isPath: choices.length === 0 && PATHS.test(name),
  };
}

function optionNode(option: Option): OptionNode {
  const { flags, short, long, description, required, optional, argChoices = [], defaultValueDescription } = option;
  const standard = defaultValueDescription ?? written(option.defaultValue);
  return {
    ...{ written: flags, long: long ?? short ?? '', about: description, choices: argChoices },
    ...(short !== undefined && long !== undefined && { short }),
    ...(standard !== undefined && { default: standard }),
    value: required ? 'required' : optional ? 'optional' : 'none',
    isPath: argChoices.length === 0 && PATHS.test(flags.slice((long ?? '').length)),
  };
}

function written(value: unknown): string | undefined {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
}

/** What `addHelpText('after')` adds: commander keeps it in listeners. */
function textAfter(command: Command): string {
  let text = '';
  const write = (more: string) => {
    text += more;
  };
  (command as unknown as NodeJS.EventEmitter).emit('afterHelp', { error: false, command, write });
  return text.trim();
}
