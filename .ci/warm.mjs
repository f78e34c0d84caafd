// Runs the program of a folder and keeps what V8 compiled on the way: `node .ci/warm.mjs FOLDER CACHE ARGUMENT...`.
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Script } from 'node:vm';

const [folder, cache, ...args] = process.argv.slice(2);
const filename = resolve(folder, 'program.cjs');
const program = new Script(readFileSync(filename, 'latin1'), { filename });
process.argv = [process.execPath, filename, ...args];
process.stdout.write = () => true;
process.once('exit', () => {
  writeFileSync(resolve(folder, cache), program.createCachedData());
  process.exitCode = 0;
});
program.runInThisContext()(createRequire(filename), pathToFileURL(filename).href, {});
