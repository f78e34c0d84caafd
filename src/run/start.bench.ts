import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../guest/paths.ts';
import { type Command, compare, VEXFS_TRACE } from './bench-command.ts';
import { writeLog } from './bench-log.ts';

const LOG_BYTES = 50_000;

/** Short commands, start to exit, against a Node that does nothing. */
export async function benchStart(dir: string, rounds: number): Promise<void> {
  const [clean, crash] = [join(dir, 'clean50.log'), join(dir, 'crash50.log')];
  writeLog(clean, LOG_BYTES);
  const text = readFileSync(join(packageRoot(), 'fixtures/guests/stock/null-deref.console'), 'latin1');
  writeLog(crash, LOG_BYTES, { text, every: 400 });
  const rows = [
    ['node -e 0', [process.execPath, '-e', '0']],
    ['--help', [...VEXFS_TRACE, '--help']],
    ['analyze of a clean log of 50 kB', [...VEXFS_TRACE, 'analyze', clean]],
    ['analyze of a log of 50 kB with a crash', [...VEXFS_TRACE, 'analyze', crash]],
  ] as const;
  await print(rows, rounds, 'start to exit');
  if (!process.env.NODE_EXTRA_CA_CERTS) return;
  // Node reads these certificates when it starts, whatever it starts: beside that everything is quick.
  delete process.env.NODE_EXTRA_CA_CERTS;
  await print(rows, rounds, 'the same without NODE_EXTRA_CA_CERTS');
}

async function print(
  rows: readonly (readonly [name: string, command: Command])[],
  rounds: number,
  what: string,
): Promise<void> {
  const { seconds, ratios } = await compare(
    rows.map(([, command]) => command),
    rounds,
  );
  console.log(`start     ${what}, ${rounds} rounds in turn, against a Node that does nothing`);
  for (const [i, [name]] of rows.entries()) {
    const [middle = 0, least = 0, most = 0] = ratios[i] ?? [];
    const time = `${((seconds[i] ?? 0) * 1000).toFixed(0).padStart(4)} ms`;
    console.log(
      `          ${name.padEnd(40)} ${time}   ${middle.toFixed(2)} (${least.toFixed(2)} to ${most.toFixed(2)})`,
    );
  }
}
