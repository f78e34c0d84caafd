import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Script } from 'node:vm';

/**
 * Starts the program with what V8 made of it at the build (.ci/build.mjs), since compiling takes longer than reading a short log.
 * Another version of Node refuses the cache and compiles. Built as CommonJS: the loader of modules takes its time as well.
 */
// What a program has is made ready when it starts, so that the command that has to be quick has one of its own.
const path = join(__dirname, process.argv[2] === 'analyze' ? 'analyze' : 'program');
const filename = `${path}.cjs`;
// The build writes nothing but ASCII, of which this takes no decoding.
const source = readFileSync(filename, 'latin1');
const program = new Script(source, { filename, cachedData: readFileSync(`${path}.cache`) });
// As pathToFileURL has it, which takes its time to load.
const url = `file://${encodeURI(filename).replace(/[?#]/g, encodeURIComponent)}`;
program.runInThisContext()(require, __dirname, url, {});
