import { describeFailure, type RunOptions, startBpftrace } from '../bpftrace-wrapper/index.ts';
import type { ProbeEngine, RunningProbes, StartOptions } from './engine.ts';
import { combine } from './plan.ts';
import type { Probe } from './probe.ts';

/** All probes as one bpftrace, wherever `spawn` starts it. */
export function bpftraceEngine(
  how: Pick<RunOptions, 'spawn' | 'bpftrace' | 'env' | 'attachMs' | 'drainMs'> = {},
): ProbeEngine {
  return {
    async start(probes: readonly Probe[], { signal }: StartOptions): Promise<RunningProbes> {
      const text = combine(probes);
      const session = await startBpftrace({ ...how, program: { text }, ...(signal !== undefined && { signal }) });
      return {
        [Symbol.asyncIterator]: () => session[Symbol.asyncIterator](),
        dump: () => session.dump(),
        stop: () => void session.stop(),
        ended: session.result.then((result) => {
          const failure = describeFailure(result);
          const [only] = probes.length === 1 ? probes : [];
          return failure === null || !only ? failure : failure.replace(/^program:/, `${only.name}.bt:`);
        }),
      };
    },
  };
}
