import { realpathSync } from 'node:fs';
import { Argument, type Command, InvalidArgumentError } from 'commander';
import type { CommandNode } from '../generate/command-node.ts';
import type { UnitName } from '../generate/systemd-unit.ts';
import { commandTree } from './command-tree.ts';
import { collect } from './options.ts';
import { print } from './output.ts';

/** Shells that completion is written for. */
const SHELLS = ['bash', 'zsh', 'fish'] as const;
const SCHEMAS = ['event', 'config', 'pattern', 'alerts', 'report', 'run', 'capture'] as const;
const UNITS: readonly UnitName[] = ['watch', 'serve', 'regression'];

export function defineGenerate(program: Command): void {
  const generate = program
    .command('generate')
    .description('files for other programs, made of the tables of this one: completion, schemas, rules, units')
    .addHelpText(
      'after',
      `
Examples:
  vexfs-trace generate completion bash > ~/.local/share/bash-completion/completions/vexfs-trace
  vexfs-trace generate man > /usr/local/share/man/man1/vexfs-trace.1
  vexfs-trace generate schema config > vexfs-trace.schema.json
  vexfs-trace generate prometheus-rules > /etc/prometheus/vexfs-trace.rules.yml
  vexfs-trace generate systemd-unit watch > /etc/systemd/system/vexfs-trace-watch.service
  vexfs-trace generate github-workflow --kernel stock --kernel 6.12 > .github/workflows/vexfs-trace.yml`,
    );

  generate
    .command('completion')
    .description('completion of commands, options and their values for a shell')
    .addArgument(new Argument('<shell>', 'which one').choices(SHELLS))
    .action(async (shell: (typeof SHELLS)[number]) => {
      const tree = commandTree(program);
      print(await COMPLETIONS[shell](tree));
    });

  generate
    .command('man')
    .description('the manual page, for section 1')
    .action(async () => {
      const { manPage } = await import('../generate/man.ts');
      const { VERSION } = await import('../run/version.ts');
      print(manPage(commandTree(program), { version: VERSION }));
    });

  generate
    .command('schema')
    .description('JSON Schema of what is read or written, for editors and checks')
    .addArgument(new Argument('<what>', 'of what').choices(SCHEMAS))
    .action(async (what: (typeof SCHEMAS)[number]) => {
      const { JSON_SCHEMAS } = await import('../run/schemas.ts');
      print(`${JSON.stringify(JSON_SCHEMAS[what](), null, 2)}\n`);
    });

  generate
    .command('grafana')
    .description('a dashboard for Grafana, with a chart for each metric')
    .action(async () => {
      const { grafanaDashboard } = await import('../generate/grafana.ts');
      print(grafanaDashboard());
    });

  generate
    .command('prometheus-rules')
    .description('alert rules for Prometheus')
    .action(async () => {
      const { prometheusRules } = await import('../generate/prometheus-rules.ts');
      print(prometheusRules());
    });

  generate
    .command('systemd-unit')
    .description('a service: watch this machine, serve pages, run the regression tests')
    .addArgument(new Argument('<unit>', 'which one').choices(UNITS))
    .option('--exec <path>', 'the program that it runs (default: this one)', absolute)
    .option('--timer', 'its timer instead, for every night')
    .action(async (unit: UnitName, { exec, timer }: { readonly exec?: string; readonly timer?: boolean }) => {
      const { systemdTimer, systemdUnit } = await import('../generate/systemd-unit.ts');
      print(timer ? systemdTimer(unit) : systemdUnit(unit, exec ?? realpathSync(process.argv[1] ?? '')));
    });

  generate
    .command('dockerfile')
    .description('an image with the program and all that guests need, for the folder of the project')
    .action(async () => {
      const { dockerfile } = await import('../generate/dockerfile.ts');
      const { listDebianPackages } = await import('../run/doctor.ts');
      const { VERSION } = await import('../run/version.ts');
      print(dockerfile({ packages: listDebianPackages().map(({ name }) => name), version: VERSION }));
    });

  generate
    .command('problem-matcher')
    .description('a problem matcher for GitHub Actions: findings in the text that analyze writes')
    .action(async () => {
      const { problemMatcher } = await import('../generate/problem-matcher.ts');
      print(problemMatcher());
    });

  generate
    .command('github-workflow')
    .description('a workflow for GitHub Actions: levels by push, pull request and schedule')
    .option('--kernel <name>', 'a kernel to run on (repeatable; default: stock)', kernel)
    .action(async ({ kernel: kernels = ['stock'] }: { readonly kernel?: readonly string[] }) => {
      const { githubWorkflow } = await import('../generate/github-workflow.ts');
      print(githubWorkflow({ kernels }));
    });
}

const COMPLETIONS: Readonly<Record<(typeof SHELLS)[number], (tree: CommandNode) => Promise<string>>> = {
  bash: async (tree) => (await import('../generate/completion-bash.ts')).bashCompletion(tree),
  zsh: async (tree) => (await import('../generate/completion-zsh.ts')).zshCompletion(tree),
  fish: async (tree) => (await import('../generate/completion-fish.ts')).fishCompletion(tree),
};

function absolute(value: string): string {
  if (!value.startsWith('/')) throw new InvalidArgumentError('an absolute path is needed.');
  return value;
}

function kernel(value: string, before: readonly string[] | undefined): readonly string[] {
  if (!/^[\w.-]+$/.test(value)) throw new InvalidArgumentError('a name such as stock or 6.12 is needed.');
  return collect(value, before);
}
