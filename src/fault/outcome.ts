/**
 * What came of a fault: nothing was to be seen (`handled`), a caller got an error and all else was right, the kernel
 * reported something, a call or the guest hung, data were other than they should be, nothing struck at all, or it could not be tried here.
 */
export const OUTCOMES = ['handled', 'error', 'report', 'hang', 'wrong-data', 'not-reached', 'skip'] as const;
export type Outcome = (typeof OUTCOMES)[number];
