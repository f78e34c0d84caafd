import { ARCHITECTURE_SAMPLES } from './architectures.ts';
import { CHECK_SAMPLES } from './checks.ts';
import { COUNTED_SAMPLES } from './counted.ts';
import { EXHAUSTION_SAMPLES } from './exhaustion.ts';
import { LOCK_SAMPLES } from './locks.ts';
import { OOPS_SAMPLES } from './oops.ts';
import { OTHER_SAMPLES } from './others.ts';
import type { Sample } from './sample.ts';
import { SANITIZER_SAMPLES } from './sanitizers.ts';
import { SHORT_SAMPLES } from './single.ts';
import { STALL_SAMPLES } from './stalls.ts';

/** Reports for tests. Recordings of real guests are in fixtures/. */
export const SAMPLE_REPORTS: readonly Sample[] = [
  ...OOPS_SAMPLES,
  ...ARCHITECTURE_SAMPLES,
  ...COUNTED_SAMPLES,
  ...SANITIZER_SAMPLES,
  ...CHECK_SAMPLES,
  ...LOCK_SAMPLES,
  ...STALL_SAMPLES,
  ...EXHAUSTION_SAMPLES,
  ...SHORT_SAMPLES,
  ...OTHER_SAMPLES,
];
