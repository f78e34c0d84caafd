import { type CommandNode, spellings } from './command-node.ts';
import { type CompletedCommand, type CompletedValue, completionTable } from './completion-table.ts';
import { shellWord } from './shell-word.ts';

/** Completion for zsh: as `_${program.name}` in a folder of $fpath. */
export function zshCompletion(program: CommandNode): string {
  const { takesNext, ways, values, commands } = completionTable(program);
  const name = `_${program.name}`;
  return `#compdef ${program.name}
# zsh completion of ${program.name}; made by: ${program.name} generate completion zsh
${name}() {
  local at= word skip= prev="\${words[CURRENT - 1]}" i files=
  local -a options below known
  for ((i = 2; i < CURRENT; i++)); do
    word="\${words[i]}"
    if [[ -n $skip ]]; then skip=; continue; fi
    case "$at $word" in
      ${anyOf(takesNext)}) skip=1 ;;
    esac
    case "$at/$word" in
      ${anyOf(ways)}) at="$at/$word" ;;
    esac
  done
  # --format=json
  if [[ "\${words[CURRENT]}" == --*=* ]]; then
    prev="\${words[CURRENT]%%=*}"
    compset -P '*='
  fi
  case "$at $prev" in
${lines(values.map(valueRow))}
  esac
  case "$at" in
${lines(commands.map(commandRow))}
  esac
  if [[ "\${words[CURRENT]}" == -* ]]; then
    _describe -o option options
  else
    (( $#below )) && _describe command below
    (( $#known )) && compadd -- $known
    [[ -n $files ]] && _files
  fi
}
if [[ "\${funcstack[1]}" == ${name} ]]; then
  ${name} "$@"
else
  compdef ${name} ${program.name}
fi
`;
}

const anyOf = (words: readonly string[]) => words.map(shellWord).join(' | ');
const lines = (rows: readonly string[]) => rows.map((row) => `    ${row}`).join('\n');
/** `_describe` takes a colon for the end of the word. */
const described = (word: string, about: string) => shellWord(`${word.replaceAll(':', '\\:')}:${about}`);

function valueRow({ words, choices, isPath }: CompletedValue): string {
  const some = `compadd -- ${choices.map(shellWord).join(' ')}`;
  return `${anyOf(words)}) ${choices.length > 0 ? some : isPath ? '_files' : '_message value'}; return ;;`;
}

function commandRow({ way, node, choices, takesPaths }: CompletedCommand): string {
  const options = node.options.flatMap((option) => spellings(option).map((word) => described(word, option.about)));
  const below = node.commands.map(({ name, about }) => described(name, about)).join(' ');
  const files = takesPaths ? ' files=1' : '';
  return `${shellWord(way)}) options=(${options.join(' ')}) below=(${below}) known=(${choices.map(shellWord).join(' ')})${files} ;;`;
}
