import type { HeadlineSet } from './anchor.ts';

export type ProfileName = 'default' | 'syzkaller';

/** What a reader does differently from another: these switches, and nothing else. */
export interface Profile {
  readonly name: ProfileName;
  readonly headlines: HeadlineSet;
  /** A headline counts only in a line that printk wrote, once the source has shown that it stamps its lines. */
  readonly kernelOnly: boolean;
  /** The text of a headline counts at the start of the message only, and only if a table says what it means. */
  readonly strict: boolean;
  /** Reports end where they end; otherwise the first one goes on to the end of the input and is the only one. */
  readonly ends: boolean;
  /** Which prefixes of lines are known. */
  readonly forms: 'all' | 'console';
  readonly maxLines: number;
}

export const PROFILES: Readonly<Record<ProfileName, Profile>> = {
  default: {
    name: 'default',
    headlines: 'all',
    kernelOnly: true,
    strict: true,
    ends: true,
    forms: 'all',
    maxLines: 4_000,
  },
  // The parser whose titles we follow reads a whole console log as one text and names its first report.
  syzkaller: {
    name: 'syzkaller',
    headlines: 'fuzzer',
    kernelOnly: false,
    strict: false,
    ends: false,
    forms: 'console',
    maxLines: 50_000,
  },
};
