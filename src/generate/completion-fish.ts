import type { CommandNode, OptionNode } from './command-node.ts';
import { type CompletedCommand, completionTable } from './completion-table.ts';
import { fishWord } from './shell-word.ts';

/** Completion for fish: in ~/.config/fish/completions, named as the program. */
export function fishCompletion(program: CommandNode): string {
  const { takesNext, ways, commands } = completionTable(program);
  const at = `__${program.name.replaceAll(/[^a-z0-9]/g, '_')}_at`;
  return `# fish completion of ${program.name}; made by: ${program.name} generate completion fish
# Whether the words before the cursor lead to this command.
function ${at}
  set -l at
  set -l skip
  for word in (commandline -opc)[2..-1]
    if test -n "$skip"
      set skip
      continue
    end
    switch "$at $word"
      case ${takesNext.map(fishWord).join(' ')}
        set skip 1
    end
    switch "$at/$word"
      case ${ways.map(fishWord).join(' ')}
        set at "$at/$word"
    end
  end
  test "$at" = "$argv[1]"
end
complete -c ${program.name} -f
${commands.flatMap((command) => rows(program.name, at, command)).join('\n')}
`;
}

function rows(program: string, at: string, { way, node, choices, takesPaths }: CompletedCommand): string[] {
  const when = `complete -c ${program} -n ${fishWord(`${at} "${way}"`)}`;
  return [
    ...node.commands.map(({ name, about }) => `${when} -a ${fishWord(fishWord(name))} -d ${fishWord(about)}`),
    ...(choices.length > 0 ? [`${when} -a ${fishWord(choices.map(fishWord).join(' '))}`] : []),
    ...(takesPaths ? [`${when} -F`] : []),
    ...node.options.map((option) => `${when}${optionPart(option)} -d ${fishWord(option.about)}`),
  ];
}

function optionPart({ short, long, value, choices, isPath }: OptionNode): string {
  const name = `${short === undefined ? '' : ` -s ${short.slice(1)}`} -l ${long.slice(2)}`;
  if (value === 'none') return name;
  if (choices.length > 0) return `${name} -x -a ${fishWord(choices.map(fishWord).join(' '))}`;
  return `${name} ${isPath ? '-r -F' : '-x'}`;
}
