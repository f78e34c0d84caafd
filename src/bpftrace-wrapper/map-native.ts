import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { ExpectedError } from '../base/errors.ts';
import { sha256 } from '../base/sha256.ts';
import { type KernelMap, MAX_ENTRIES, type MapSource, type RawMap } from './map-source.ts';

const ANSWER_MS = 5000;

/**
 * Reads maps of this machine through one small process that stays (map-reader.c): no start for each read, one system call
 * for most maps. It ends with its standard input, so also when this process is killed.
 */
export function nativeMaps(program: string): MapSource {
  return new NativeMaps(program);
}

/** Compiles the reader unless that was done before; null without a C compiler. `cacheDir` is where it is kept. */
export async function buildMapReader(cacheDir = defaultCache()): Promise<string | null> {
  const source = sourcePath();
  if (!existsSync(source)) return null;
  const path = join(cacheDir, `bpf-map-reader-${sha256(readFileSync(source, 'utf8')).toString('hex', 0, 8)}`);
  if (existsSync(path)) return path;
  // Under another name first, so that a second run never starts half of it.
  const fresh = `${path}.${process.pid}`;
  try {
    mkdirSync(cacheDir, { recursive: true });
    await promisify(execFile)('cc', ['-O2', '-static', '-o', fresh, source], { timeout: 60_000 });
    renameSync(fresh, path);
    return path;
  } catch {
    // No compiler, or nowhere to put it: there is another way to read maps.
    return null;
  }
}

function defaultCache(): string {
  return join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'vexfs-trace', 'build');
}

/** Beside this file, or in the package that this file was bundled into. */
function sourcePath(): string {
  const beside = fileURLToPath(new URL('./map-reader.c', import.meta.url));
  return existsSync(beside) ? beside : fileURLToPath(new URL('../src/bpftrace-wrapper/map-reader.c', import.meta.url));
}

class NativeMaps implements MapSource {
  readonly #child: ChildProcess;
  readonly #waiting: ((line: string | null) => void)[] = [];
  #gone = false;

  constructor(program: string) {
    this.#child = spawn(program, [], { detached: true, stdio: ['pipe', 'pipe', 'ignore'] });
    // One that is gone does not read; the answers say so.
    this.#child.stdin?.on('error', () => {});
    const leave = () => {
      this.#gone = true;
      for (const resolve of this.#waiting.splice(0)) resolve(null);
    };
    this.#child.once('error', leave);
    this.#child.once('close', leave);
    if (this.#child.stdout) {
      createInterface({ input: this.#child.stdout }).on('line', (line) => this.#waiting.shift()?.(line));
    }
  }

  async list(pid: number): Promise<KernelMap[]> {
    const { maps } = (await this.#ask(`maps ${pid}`)) as { maps?: KernelMap[] };
    return [...(maps ?? [])].sort((a, b) => a.id - b.id);
  }

  async dump(map: KernelMap, maxEntries = MAX_ENTRIES): Promise<RawMap> {
    const answer = await this.#ask(`dump ${map.id} ${maxEntries}`);
    const { cpus, cut, data } = answer as { cpus: number; cut: boolean; data: string };
    const width = cpus > 0 ? Math.ceil(map.valueSize / 8) * 8 : map.valueSize;
    return { bytes: Buffer.from(data, 'hex'), values: Math.max(1, cpus), width, cut };
  }

  close(): void {
    this.#child.stdin?.end();
  }

  async #ask(command: string): Promise<unknown> {
    if (this.#gone) throw new ExpectedError('guest', 'the reader of maps has ended');
    const line = await new Promise<string | null>((resolve) => {
      const late = setTimeout(() => this.#child.kill('SIGKILL'), ANSWER_MS);
      this.#waiting.push((answer) => {
        clearTimeout(late);
        resolve(answer);
      });
      this.#child.stdin?.write(`${command}\n`);
    });
    if (line === null) throw new ExpectedError('guest', 'the reader of maps has ended');
    const answer = JSON.parse(line) as { error?: string };
    if (answer.error !== undefined) throw new ExpectedError('guest', `maps cannot be read: ${answer.error}`);
    return answer;
  }
}
