import { BUG_FORMATS } from './bug.ts';
import { EXTRA_FORMATS } from './extra.ts';
import type { Format } from './format.ts';
import { INFO_FORMATS } from './info.ts';
import { OTHER_FORMATS } from './other.ts';
import { WARNING_FORMATS } from './warning.ts';

/** How a report is named, by the headline that started it. */
export const FORMATS: Readonly<Record<string, readonly Format[]>> = {
  BUG: BUG_FORMATS,
  WARNING: WARNING_FORMATS,
  INFO: INFO_FORMATS,
  ...OTHER_FORMATS,
  ...EXTRA_FORMATS,
};
