import type { ProcessEnd, Spawn } from './spawn.ts';

export interface Output {
  readonly stdout: string;
  readonly stderr: string;
  readonly end: ProcessEnd;
}

/** Runs a short command to its end, killed after the time; of what it says at most so many bytes are kept. */
export async function output(
  spawn: Spawn,
  argv: readonly string[],
  { timeoutMs = 30_000, maxBytes = 64 * 1024 }: { readonly timeoutMs?: number; readonly maxBytes?: number } = {},
): Promise<Output> {
  const running = await spawn(argv, {});
  const timer = setTimeout(() => running.kill('SIGKILL'), timeoutMs);
  try {
    const [stdout, stderr, end] = await Promise.all([
      collect(running.stdout, maxBytes),
      collect(running.stderr, maxBytes),
      running.ended,
    ]);
    return { stdout, stderr, end };
  } finally {
    clearTimeout(timer);
  }
}

async function collect(stream: AsyncIterable<Uint8Array>, maxBytes: number): Promise<string> {
  const parts: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const part of stream) {
      if (size < maxBytes) parts.push(part.subarray(0, maxBytes - size));
      size += part.length;
    }
  } catch {
    // A stream that breaks off has said what it had to say.
  }
  return Buffer.concat(parts).toString('utf8');
}
