import * as z from 'zod';
import { hex, int, part, text } from './values.ts';

/** Filesystems and block devices. */
export const STORAGE = {
  fs: text,
  device: text,
  volume: text,
  inode: int,
  block: int,
  sector: int,
  op: text.describe('`READ`, `WRITE`, …'),
  doing: text,
  errno: int,
  usageCount: int.describe('references that keep a device'),
};

/** Modules that were not loaded. */
export const MODULES = {
  module: text,
  symbol: text,
  symbolOwner: text,
  builtFor: text,
  neededFor: text,
  parameter: text,
  given: text,
  problem: text,
};

/** Programs that died. */
export const PROGRAMS = {
  ip: hex,
  sp: hex,
  file: text.describe('where the instruction pointer is'),
  mapped: hex,
  mappedSize: hex,
  signal: int,
  signalCode: hex,
};

/** Test results. */
export const TESTS = {
  planned: int,
  failures: z.array(part({ test: text, suite: text, where: text, expected: text, found: text })),
};
