import { existsSync, readFileSync } from 'node:fs';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { EXIT, ExpectedError, messageOf } from '../base/errors.ts';
import { collect, OPTIONS } from './options.ts';
import { print, say } from './output.ts';
import { createInterrupt } from './signals.ts';

interface Flags {
  readonly host: string;
  readonly port: number;
  readonly allowHost: readonly string[];
  readonly allowWrites?: boolean;
  readonly tokenFile?: string;
  /** False with --no-store. */
  readonly store?: string | false;
  readonly patterns: readonly string[];
}

const PORT = 7878;
/** Where runs and recordings are, unless somebody said otherwise. */
const PLACES = ['runs', 'captures'];

export function defineServe(program: Command): void {
  program
    .command('serve')
    .description('pages in a browser: runs as they go on, earlier ones, incidents, patterns, comparisons, reports')
    .argument('[folders...]', 'runs, recordings, or folders that hold them (default: runs/ and captures/)')
    .addOption(new Option('--host <address>', 'listen on this address').default('127.0.0.1'))
    .addOption(new Option('--port <n>', 'on this port; 0 for one that is free').argParser(port).default(PORT))
    .addOption(
      new Option('--allow-host <name>', 'answer to this name, too, such as that of a proxy (repeatable)')
        .argParser(collect)
        .default([] as string[], 'none'),
    )
    .option('--allow-writes', 'runs of the store may be kept and removed, and made baselines')
    .option('--token-file <file>', 'the token that opens the pages, instead of a new one at each start')
    .addOption(OPTIONS.store())
    .addOption(new Option('--no-store', 'folders alone'))
    .addOption(OPTIONS.patterns())
    .addOption(OPTIONS.config())
    .addHelpText(
      'after',
      `
The address that is printed has the token in it. Runs that are going on are followed by the files that they write.

Examples:
  vexfs-trace serve
  vexfs-trace serve runs/20261121-200000 --port 0
  vexfs-trace serve --store postgresql://ci@db/runs --token-file ~/.config/vexfs-trace/token
  ssh -L 7878:127.0.0.1:7878 testbox                  then open the address that serve printed there`,
    )
    .action(async (folders: readonly string[], flags: Flags) => {
      process.exitCode = await runServe(folders, flags);
    });
}

async function runServe(folders: readonly string[], flags: Flags): Promise<number> {
  for (const folder of folders)
    if (!existsSync(folder))
      throw new ExpectedError('usage', `${folder} does not exist`, 'name a folder of runs or recordings');
  const token = flags.tokenFile === undefined ? undefined : readToken(flags.tokenFile);
  const { serve } = await import('../run/serve.ts');
  const interrupt = createInterrupt();
  try {
    const { host, port, allowHost, allowWrites = false, store, patterns } = flags;
    const listening = await serve({
      ...{ host, port, allowHosts: allowHost, allowWrites, store, patterns },
      folders: folders.length > 0 ? folders : PLACES,
      ...(token !== undefined && { token }),
      onBug: (error) => say(`warning: a request failed: ${error instanceof Error ? error.stack : String(error)}`),
    });
    // A token that somebody keeps in a file is no business of who reads a log.
    print(token === undefined ? listening.url : listening.url.replace(/token=.*/, 'token=…'));
    say('Ctrl-C ends it');
    await new Promise<void>((resolve) => {
      if (interrupt.signal.aborted) resolve();
      else interrupt.signal.addEventListener('abort', () => resolve(), { once: true });
    });
    await listening.close();
    return EXIT.ok;
  } finally {
    interrupt.dispose();
  }
}

const MIN_TOKEN = 16;

function readToken(path: string): string {
  let text: string;
  try {
    text = readFileSync(path, 'utf8').trim();
  } catch (error) {
    throw new ExpectedError('usage', `${path} cannot be read: ${messageOf(error)}`);
  }
  if (/^[\w.~+/=-]{16,200}$/.test(text)) return text;
  throw new ExpectedError(
    'usage',
    `${path} holds no token: it has to be one line of ${MIN_TOKEN} to 200 letters and digits`,
    `make one: openssl rand -hex 24 > ${path}`,
  );
}

function port(value: string): number {
  if (!/^\d{1,5}$/.test(value) || Number(value) > 65535)
    throw new InvalidArgumentError('a port is a number from 0 to 65535.');
  return Number(value);
}
