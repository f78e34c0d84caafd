// Runs a program of the current folder and keeps what V8 compiled on the way: `node .ci/warm.mjs NAME ARGUMENT...`.
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { Script } from 'node:vm';

const [name, ...args] = process.argv.slice(2);
const filename = resolve(`${name}.cjs`);
// V8 drops what it compiled of functions that ran once and not again, which is most of a start.
setFlagsFromString('--no-flush-bytecode');
const program = new Script(readFileSync(filename, 'latin1'), { filename });
process.argv = [process.execPath, filename, ...args];
let written = 0;
process.stdout.write = (text) => {
  written += text.length;
  return true;
};
process.once('exit', () => {
  if (written === 0) return;
  // A cache is for a V8 with the flags that made it.
  setFlagsFromString('--flush-bytecode');
  writeFileSync(`${name}.cache`, program.createCachedData());
  process.exitCode = 0;
});
program.runInThisContext()(createRequire(filename), process.cwd(), pathToFileURL(filename).href, {});
