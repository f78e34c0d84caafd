/** A command as what is generated takes it: made of the commands themselves (src/cli/command-tree.ts). */
export interface CommandNode {
  readonly name: string;
  readonly about: string;
  readonly arguments: readonly ArgumentNode[];
  readonly options: readonly OptionNode[];
  readonly commands: readonly CommandNode[];
  /** What its help says behind the options. */
  readonly after: string;
}

export interface ArgumentNode {
  /** As its help writes it: `[folder]`, `<files...>`. */
  readonly written: string;
  readonly about: string;
  readonly choices: readonly string[];
  readonly isPath: boolean;
}

export interface OptionNode {
  /** As its help writes it: `-o, --output <path>`. */
  readonly written: string;
  readonly short?: string;
  readonly long: string;
  readonly about: string;
  /** For people, where it has one. */
  readonly default?: string;
  /** Whether a word behind it is its value: `--leaks [time]` takes one, and can go without. */
  readonly value: 'none' | 'required' | 'optional';
  readonly choices: readonly string[];
  readonly isPath: boolean;
}

/** A command with the words that lead to it: [] is the program itself. */
export interface PlacedCommand {
  readonly path: readonly string[];
  readonly node: CommandNode;
}

/** All commands, each before those below it. */
export function allCommands(node: CommandNode, path: readonly string[] = []): readonly PlacedCommand[] {
  return [{ path, node }, ...node.commands.flatMap((below) => allCommands(below, [...path, below.name]))];
}

/** Every way to write an option, the long one last. */
export function spellings({ short, long }: OptionNode): readonly string[] {
  return short === undefined ? [long] : [short, long];
}
