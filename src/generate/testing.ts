import { spawnSync } from 'node:child_process';
import type { CommandNode, OptionNode } from './command-node.ts';

/** Whether a program can be run here. */
export function isThere(program: string): boolean {
  return spawnSync(program, ['--version']).error === undefined;
}

const option = (rest: Partial<OptionNode> & { readonly long: string }): OptionNode => ({
  ...{ written: rest.long, about: '', value: 'none', choices: [], isPath: false },
  ...rest,
});

/** Words that a shell or roff would take for its own. */
const EVIL = `it's "$(touch pwned)" \`id\` \\ .so: 100% [a] ünïcode`;

/** A small program whose words are awkward. */
export const TREE: CommandNode = {
  ...{ name: 'vexfs-trace', about: EVIL, arguments: [], after: `.TH evil\n'evil\n\\*[evil] -x` },
  options: [option({ long: '--version', short: '-V', about: EVIL })],
  commands: [
    {
      ...{ name: 'attach', about: EVIL, commands: [], after: '' },
      arguments: [{ written: '[folder]', about: EVIL, choices: [], isPath: true }],
      options: [
        option({ long: '--format', about: EVIL, value: 'required', choices: ['text', "it's", 'ndjson'] }),
        option({ long: '--file', short: '-f', value: 'required', isPath: true }),
        option({ long: '--name', value: 'required' }),
        option({ long: '--leaks', value: 'optional' }),
      ],
    },
    {
      ...{ name: 'runs', about: 'runs', arguments: [], options: [], after: '' },
      commands: [
        {
          ...{ name: 'list', about: 'lists', options: [option({ long: '--kept' })], commands: [], after: '' },
          arguments: [{ written: '<what>', about: '', choices: ['new', 'old'], isPath: false }],
        },
      ],
    },
  ],
};

/** What completes what is typed, with what a shell must have among its answers, and what must not be there. */
export const COMPLETED: readonly (readonly [typed: string, has: readonly string[], hasNot: readonly string[]])[] = [
  ['vexfs-trace ', ['attach', 'runs'], ['list', '--format']],
  ['vexfs-trace att', ['attach'], ['runs']],
  ['vexfs-trace -', ['--version', '-V'], ['--format']],
  ['vexfs-trace attach --f', ['--format', '--file'], ['--name', '--version']],
  ['vexfs-trace attach --format ', ['text', 'ndjson'], ['attach']],
  ['vexfs-trace attach --format n', ['ndjson'], ['text']],
  ['vexfs-trace runs ', ['list'], ['attach']],
  ['vexfs-trace runs list ', ['new', 'old'], ['list']],
  ['vexfs-trace runs list --', ['--kept'], ['--format']],
  // A value that is the name of a command is none.
  ['vexfs-trace attach --name runs --fo', ['--format'], ['--kept']],
  ['vexfs-trace --version runs l', ['list'], ['attach']],
  ['vexfs-trace attach --leaks --f', ['--format'], []],
];
