import { existsSync, writeFileSync } from 'node:fs';
import type { Command } from 'commander';
import { ExpectedError } from '../base/errors.ts';
import { escapeTerminal } from '../base/text.ts';
import type { Origin } from '../config/effective.ts';
import { KEYS } from '../config/table.ts';
import { addConfigured, effectiveOptions } from './configured.ts';
import { print, say } from './output.ts';

const FILE = 'vexfs-trace.yaml';

export function defineConfig(program: Command): void {
  const config = program.command('config').description('the configuration file: what is in force, an example, a check');

  addConfigured(
    config
      .command('show')
      .description('every option with its value and where that comes from: flag, environment, file or default'),
    KEYS,
  ).action(async (_: unknown, command: Command) => {
    const { writtenValue } = await import('../config/written.ts');
    const options = await effectiveOptions(command);
    const rows = KEYS.map(
      (key) => [key, writtenValue(key, options.get(key)), originText(options.origin(key))] as const,
    );
    const [first, second] = [0, 1].map((column) => Math.max(...rows.map((row) => row[column as 0 | 1].length)));
    for (const [key, value, origin] of rows)
      print(
        escapeTerminal(`${key.padEnd(first ?? 0)}  ${value.padEnd(Math.min(second ?? 0, 40))}  ${origin}`.trimEnd()),
      );
  });

  config
    .command('init')
    .description(`write ${FILE} with every option, commented out`)
    .argument('[file]', 'where to', FILE)
    .action(async (file: string) => {
      const { exampleConfig } = await import('../config/written.ts');
      if (existsSync(file))
        throw new ExpectedError('usage', `${file} is there already`, 'name another file, or edit it');
      writeFileSync(file, exampleConfig(), { flag: 'wx', mode: 0o644 });
      say(`written: ${file}`);
    });

  config
    .command('check')
    .description('check a configuration file')
    .argument('<file>', 'the file')
    .action(async (file: string) => {
      const { resolveOptions } = await import('../config/effective.ts');
      await resolveOptions({ keys: [], flags: new Map(), environment: {}, config: file, folder: '.' });
      say(`${file}: ok`);
    });
}

function originText(origin: Origin): string {
  if (origin.kind === 'file') return `${origin.file}:${origin.line}`;
  return origin.kind === 'environment' ? origin.name : origin.kind;
}
