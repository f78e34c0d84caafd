import type { Readable } from 'node:stream';
import { type ExitName, ExpectedError, messageOf } from '../base/errors.ts';
import { type BadInput, type LogInput, listInputs } from '../source/log-inputs.ts';
import { openLibrary } from './library.ts';
import { LogAnalysis, type LogAnalysisOptions } from './log-analysis.ts';

export interface AnalyzeOptions extends LogAnalysisOptions {
  readonly patterns: readonly string[];
  /** The logs grow: they are read together, until this signal. */
  readonly follow?: AbortSignal;
}

/** Files named when a folder holds many that are no logs. */
const MAX_NAMED = 5;

/**
 * Reads logs, `-` for standard input, captures, and folders of both, one after the other, each as a log of its own. What cannot be
 * read is told through `warn`, and the others are read; when nothing at all could be read, it fails. Gives what the exit code has to say
 * about files that were named and not read.
 */
export async function analyze(
  names: readonly string[],
  stdin: Readable | undefined,
  options: AnalyzeOptions,
): Promise<ExitName | undefined> {
  const analysis = new LogAnalysis(options, await openLibrary(options.patterns, options.warn), stdin);
  const { follow } = options;
  if (follow !== undefined) {
    const { listFollowable } = await import('../source/followable.ts');
    const { followFolder } = await import('../source/follow-folder.ts');
    const followAll = (folder: string) => {
      const onFile = (name: string) => analysis.follow({ kind: 'file', name }, follow);
      return followFolder(folder, { onFile, onNote: options.warn }, follow);
    };
    const logs = listFollowable(names);
    await Promise.all(logs.map((log) => (log.kind === 'folder' ? followAll(log.name) : analysis.follow(log, follow))));
    return undefined;
  }
  const inputs = [...listInputs(names)];
  const troubles: Trouble[] = [];
  for (const input of inputs) {
    const error = await attempt(input, analysis, options);
    if (error !== undefined) troubles.push({ input, error });
  }
  analysis.end();
  if (analysis.bytes === 0) throw nothingRead(names, troubles);
  tell(troubles, options);
  return troubles.find(({ input, error }) => !input.found && error.exit !== 'nothingRan')?.error.exit;
}

interface Trouble {
  readonly input: LogInput | BadInput;
  readonly error: ExpectedError;
}

/** Why the input was not read; undefined when it was. */
async function attempt(
  input: LogInput | BadInput,
  analysis: LogAnalysis,
  options: AnalyzeOptions,
): Promise<ExpectedError | undefined> {
  if (input.kind === 'bad') return input.error;
  const { name } = input;
  const before = analysis.bytes;
  let damage: string | undefined;
  try {
    await analysis.read(input, (words) => {
      damage = words;
    });
  } catch (error) {
    if (error instanceof ExpectedError) return new ExpectedError(error.exit, ...named(name, error));
    if ((error as NodeJS.ErrnoException).syscall === undefined) throw error;
    return new ExpectedError('usage', `${name} cannot be read: ${messageOf(error)}`, 'see that it can be read');
  }
  if (analysis.bytes === before) return empty(input, damage);
  if (damage !== undefined) options.warn(`${name} is damaged; what could be read of it was analysed: ${damage}`);
  return undefined;
}

function empty({ kind, name }: LogInput, damage: string | undefined): ExpectedError {
  if (damage !== undefined)
    return new ExpectedError('usage', `${name} cannot be read: ${damage}`, 'bring it here again');
  return new ExpectedError(
    'nothingRan',
    `${kind === 'stdin' ? 'the input' : name} is empty`,
    'name a log with something in it, or pipe one in: dmesg | vexfs-trace analyze -',
  );
}

/** The message with the name of the file, where it does not begin with it, and the hint with the file in its place. */
function named(name: string, { message, hint }: ExpectedError): [string, string | undefined] {
  return [message.startsWith(name) ? message : `${name}: ${message}`, hint?.replace('FILE', name)];
}

/** Files that were named each get a word; those that were found share one. */
function tell(troubles: readonly Trouble[], { warn, onLog }: AnalyzeOptions): void {
  for (const { input, error } of troubles) {
    onLog?.({ file: input.name, bytes: 0, problem: error.message });
    if (!input.found) warn(error.hint === undefined ? error.message : `${error.message} (${error.hint})`);
  }
  const found = troubles.filter(({ input }) => input.found);
  if (found.length === 0) return;
  const some = found.slice(0, MAX_NAMED).map(({ error }) => error.message);
  const more = found.length > MAX_NAMED ? `; and ${found.length - MAX_NAMED} more` : '';
  warn(`passed over ${found.length} of what the folders hold: ${some.join('; ')}${more}`);
}

function nothingRead(names: readonly string[], troubles: readonly Trouble[]): ExpectedError {
  const [first] = troubles;
  if (first === undefined)
    return new ExpectedError('nothingRan', `${names.join(', ')} holds no log`, 'name a log file, or a folder of logs');
  if (troubles.length === 1) return first.error;
  const words = troubles.slice(0, MAX_NAMED).map(({ error }) => error.message);
  const more = troubles.length > MAX_NAMED ? `\n  and ${troubles.length - MAX_NAMED} more` : '';
  const exit = troubles.every(({ input }) => input.found) ? 'nothingRan' : first.error.exit;
  return new ExpectedError(exit, `nothing could be read:\n  ${words.join('\n  ')}${more}`, first.error.hint);
}
