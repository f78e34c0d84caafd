import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Script } from 'node:vm';

/**
 * Starts the program with what V8 made of it at the build (.ci/build.mjs), since compiling takes longer than reading a short log.
 * Another version of Node refuses the cache and compiles. Built as CommonJS: the loader of modules takes its time as well.
 */
const filename = join(__dirname, 'program.cjs');
// What is in a cache is unpacked at once, so that there is one for those who only ask what the program can do.
const cache = process.argv[2] === 'analyze' ? 'analyze.cache' : 'help.cache';
// The build writes nothing but ASCII, of which this takes no decoding.
const source = readFileSync(filename, 'latin1');
const program = new Script(source, { filename, cachedData: readFileSync(join(__dirname, cache)) });
// As pathToFileURL has it, which takes its time to load.
const url = `file://${encodeURI(filename).replace(/[?#]/g, encodeURIComponent)}`;
program.runInThisContext()(require, __dirname, url, {});
