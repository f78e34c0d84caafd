import * as z from 'zod';
import { frameSchema } from './stack.ts';

/** What a module has allocated and not given back, by the stack that allocated it, as the guest counts it (src/guest/leak-probe). */
export const leakSampleSchema = z.object({
  /** Objects since the watch began; only those of the module. */
  allocations: z.number(),
  frees: z.number(),
  /** Allocations that are not watched: a leak among them is not seen. */
  missedAllocations: z.number(),
  /** Frees that went unseen, at the most: so many objects that are counted may be gone. Null: nobody knows. */
  missedFrees: z.number().nullable(),
  /** How long the guest waited for what is freed late. */
  settledMs: z.number(),
  /** Those with most objects first. */
  sites: z.array(
    z.object({
      /** Objects and bytes that are still there. */
      count: z.number(),
      bytes: z.number(),
      /** Objects that it allocated in all. */
      allocations: z.number(),
      /** Innermost first, from who called the allocator; that alone where no stack was taken. */
      frames: z.array(frameSchema.pick({ fn: true, offset: true, size: true, module: true })),
    }),
  ),
  /** There were more sites. */
  cut: z.boolean(),
});
export type LeakSample = Readonly<z.infer<typeof leakSampleSchema>>;
export type LeakSite = LeakSample['sites'][number];

/**
 * When a sample was taken: nothing is mounted, so that what belongs to an instance should be gone; or the module is unloaded, so that
 * nobody is left who could free anything.
 */
export const QUIESCE_POINTS = ['unmounted', 'unloaded'] as const;
export type QuiescePoint = (typeof QUIESCE_POINTS)[number];
