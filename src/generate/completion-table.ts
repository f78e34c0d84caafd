import { allCommands, type CommandNode, spellings } from './command-node.ts';

/**
 * What completion has to know of a program, as shells look it up: by the way to a command (`/patterns/list`; of the program itself
 * nothing), and by that with a word behind a blank.
 */
export interface CompletionTable {
  /** Words behind which another one is their value. */
  readonly takesNext: readonly string[];
  /** Ways to commands. */
  readonly ways: readonly string[];
  readonly values: readonly CompletedValue[];
  readonly commands: readonly CompletedCommand[];
}

export interface CompletedValue {
  readonly words: readonly string[];
  readonly choices: readonly string[];
  readonly isPath: boolean;
}

export interface CompletedCommand {
  readonly way: string;
  readonly node: CommandNode;
  /** What its arguments can be, where that is known. */
  readonly choices: readonly string[];
  readonly takesPaths: boolean;
}

export function completionTable(program: CommandNode): CompletionTable {
  const commands = allCommands(program).map(({ path, node }) => ({
    ...{ way: path.map((word) => `/${word}`).join(''), node },
    choices: node.arguments.flatMap(({ choices }) => choices),
    takesPaths: node.arguments.some(({ isPath }) => isPath),
  }));
  const options = commands.flatMap(({ way, node }) =>
    node.options.map((option) => ({ ...option, words: spellings(option).map((word) => `${way} ${word}`) })),
  );
  return {
    takesNext: options.filter(({ value }) => value === 'required').flatMap(({ words }) => words),
    ways: commands.map(({ way }) => way).filter((way) => way !== ''),
    // What may have a value or not is followed by anything; only choices are worth a word.
    values: options.filter(
      ({ value, choices }) => value === 'required' || (value === 'optional' && choices.length > 0),
    ),
    commands,
  };
}
