import * as z from 'zod';
import { part, text, texts } from './values.ts';

/** What no report says: it is looked up, where the user names files of the kernel. */
export const SYMBOLS = {
  disassembly: texts.describe('the instructions of `code`, by objdump; that of the trap begins with `>`'),
  maintainers: z
    .array(part({ role: text, who: text, section: text, status: text }))
    .describe('of the guilty file: `maintainer`, `reviewer` or `list`, the most special section first'),
} as const;
