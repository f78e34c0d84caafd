import { type CommandNode, spellings } from './command-node.ts';
import { type CompletedCommand, type CompletedValue, completionTable } from './completion-table.ts';
import { shellWord, wordList } from './shell-word.ts';

/**
 * Completion for bash 4 and newer: `source` it, or put it where bash-completion looks, named as the program. It follows the words up to
 * the cursor from command to command, and then knows what can come.
 */
export function bashCompletion(program: CommandNode): string {
  const { takesNext, ways, values, commands } = completionTable(program);
  const name = functionName(program.name);
  return `# bash completion of ${program.name}; made by: ${program.name} generate completion bash
${name}() {
  local cur="\${COMP_WORDS[COMP_CWORD]}" prev="\${COMP_WORDS[COMP_CWORD - 1]}" at= word i skip= options= words= files=
  COMPREPLY=()
  # --format=json comes as three words.
  if [[ $cur == = ]]; then cur=; fi
  if [[ $prev == = ]]; then prev="\${COMP_WORDS[COMP_CWORD - 2]}"; fi
  for ((i = 1; i < COMP_CWORD; i++)); do
    word="\${COMP_WORDS[i]}"
    if [[ -n $skip ]]; then skip=; continue; fi
    case "$at $word" in
      ${anyOf(takesNext)}) skip=1 ;;
    esac
    case "$at/$word" in
      ${anyOf(ways)}) at="$at/$word" ;;
    esac
  done
  case "$at $prev" in
${lines(values.map(valueRow))}
  esac
  case "$at" in
${lines(commands.map(commandRow))}
  esac
  if [[ $cur == -* ]]; then
    COMPREPLY=($(compgen -W "$options" -- "$cur"))
  else
    COMPREPLY=($(compgen -W "$words" -- "$cur"))
    if [[ -n $files ]]; then
      compopt -o filenames 2>/dev/null
      COMPREPLY+=($(compgen -f -- "$cur"))
    fi
  fi
}
complete -F ${name} ${shellWord(program.name)}
`;
}

function functionName(program: string): string {
  return `_${program.replaceAll(/[^a-z0-9]/g, '_')}`;
}

const anyOf = (words: readonly string[]) => words.map(shellWord).join(' | ');
const lines = (rows: readonly string[]) => rows.map((row) => `    ${row}`).join('\n');

function valueRow({ words, choices, isPath }: CompletedValue): string {
  if (choices.length > 0) return `${anyOf(words)}) COMPREPLY=($(compgen -W ${wordList(choices)} -- "$cur")); return ;;`;
  if (!isPath) return `${anyOf(words)}) return ;;`;
  return `${anyOf(words)}) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;`;
}

function commandRow({ way, node, choices, takesPaths }: CompletedCommand): string {
  const words = [...node.commands.map(({ name }) => name), ...choices];
  const options = node.options.flatMap(spellings);
  const files = takesPaths ? ' files=1' : '';
  return `${shellWord(way)}) options=${wordList(options)} words=${wordList(words)}${files} ;;`;
}
