import { ExpectedError } from '../base/errors.ts';
import { say } from './output.ts';

/** Ctrl-], as in telnet and virsh: hardly a program in a guest wants it. */
const LEAVE = 0x1d;
export const LEAVE_NAME = 'Ctrl-]';

/** Where the keys go. */
interface Terminal {
  write(bytes: Uint8Array | string): void;
  resize(columns: number, rows: number): void;
}

/** The window of the user's terminal; fails where there is none. */
export function windowSize(): { readonly columns: number; readonly rows: number } {
  if (!process.stdin.isTTY || !process.stdout.isTTY)
    throw new ExpectedError(
      'usage',
      '--interactive needs a terminal on stdin and stdout',
      'for a single command: vexfs-trace guest boot --detach, then guest exec',
    );
  // A terminal that does not know its size says 0.
  return { columns: process.stdout.columns || 80, rows: process.stdout.rows || 24 };
}

/**
 * Gives the user's keys to the guest until Ctrl-] or until `ended`. The terminal is raw for that time and is put back
 * however it ends, also when the process does.
 */
export async function typeInto(terminal: Terminal, ended: Promise<unknown>): Promise<void> {
  const { stdin, stdout } = process;
  const cooked = () => stdin.setRawMode(false);
  let leave = () => {};
  const left = new Promise<void>((resolve) => {
    leave = resolve;
  });
  const onKeys = (bytes: Buffer) => {
    const at = bytes.indexOf(LEAVE);
    terminal.write(at < 0 ? bytes : bytes.subarray(0, at));
    if (at >= 0) leave();
  };
  const onResize = () => {
    const { columns, rows } = windowSize();
    terminal.resize(columns, rows);
  };
  process.once('exit', cooked);
  stdin.setRawMode(true);
  stdin.on('data', onKeys).once('end', leave);
  stdout.on('resize', onResize);
  try {
    await Promise.race([left, ended]);
  } finally {
    stdin.off('data', onKeys).off('end', leave);
    stdin.pause();
    stdout.off('resize', onResize);
    cooked();
    process.off('exit', cooked);
    say('');
  }
}
