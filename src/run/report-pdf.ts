import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ExpectedError } from '../base/errors.ts';

const LIMIT_MS = 180_000;
const MAX_SAID = 2000;

/**
 * Prints a page by Debian's chromium. The page holds what a log said, so it gets no network; it should have no script. Fails with exit 3 where
 * chromium is missing.
 */
export async function printPdf(page: string, signal: AbortSignal): Promise<Uint8Array> {
  const dir = mkdtempSync(join(tmpdir(), 'vexfs-trace-pdf-'));
  try {
    const [from, to] = [join(dir, 'report.html'), join(dir, 'report.pdf')];
    writeFileSync(from, page);
    const said = await runChromium([...flags(dir), `--print-to-pdf=${to}`, pathToFileURL(from).href], signal);
    return read(to, said);
  } finally {
    rmSync(dir, { recursive: true, force: true, maxRetries: 5 });
  }
}

function flags(dir: string): string[] {
  return [
    ...['--headless', '--disable-gpu', '--no-pdf-header-footer', `--user-data-dir=${join(dir, 'profile')}`],
    ...['--host-resolver-rules=MAP * ~NOTFOUND', '--disable-background-networking'],
    // Its sandbox does not start as root.
    ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
  ];
}

/** What it said. It has children, so that it is ended as a group. */
function runChromium(args: readonly string[], signal: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn('chromium', args, { stdio: ['ignore', 'ignore', 'pipe'], detached: true });
    let said = '';
    const end = () => {
      try {
        if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
      } catch {
        // It has ended by itself.
      }
    };
    const timer = setTimeout(end, LIMIT_MS);
    if (signal.aborted) end();
    signal.addEventListener('abort', end, { once: true });
    child.stderr.on('data', (bytes) => {
      if (said.length < MAX_SAID) said += bytes;
    });
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
    };
    child.once('error', (error: NodeJS.ErrnoException) => {
      done();
      reject(error.code === 'ENOENT' ? missing() : error);
    });
    child.once('close', () => {
      done();
      resolve(said);
    });
  });
}

function missing(): ExpectedError {
  return new ExpectedError(
    'missing',
    'a PDF is printed by chromium, which is not installed',
    'apt-get install --no-install-recommends chromium, or take --format html and print it yourself',
  );
}

function read(path: string, said: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch {
    const why = said.trim().split('\n').at(-1) ?? '';
    throw new ExpectedError('guest', `chromium printed nothing${why === '' ? '' : `: ${why}`}`, 'take --format html');
  }
}
