import { spawn } from 'node:child_process';

/** Far more than a kernel's reports ask for. */
const MAX_OUTPUT = 256 * 1024;
const DEADLINE_MS = 10_000;

/** What a program had written when it ended, wrote too much, or `enough` was true of what had come; nothing when it could not be run or failed. */
export async function runProgram(
  program: string,
  args: readonly string[],
  enough: (text: string) => boolean = () => false,
): Promise<string> {
  const child = spawn(program, args, {
    stdio: ['ignore', 'pipe', 'ignore'],
    env: { ...process.env, LC_ALL: 'C', DEBUGINFOD_URLS: '' },
    timeout: DEADLINE_MS,
    killSignal: 'SIGKILL',
  });
  let text = '';
  let stopped = false;
  child.stdout.setEncoding('utf8').on('data', (part: string) => {
    text += part;
    stopped ||= text.length > MAX_OUTPUT || enough(text);
    if (stopped) child.kill('SIGKILL');
  });
  const code = await new Promise((resolve) => child.once('close', resolve).once('error', resolve));
  return code === 0 || stopped ? text : '';
}
