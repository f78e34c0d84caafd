import * as z from 'zod';

/** How long it took from the first sign of a failure until its incident was closed. */
export const recoveryTimes = {
  recoveryMs: z.number().optional().describe('milliseconds from the incident to its end'),
  beyondBootMs: z.number().optional().describe('the same without the time in which guests booted'),
};
