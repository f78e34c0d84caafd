import { ExpectedError } from '../base/errors.ts';
import type { ModuleUnderTest } from '../guest/module.ts';
import type { AgentAnswer, Control } from '../model/guest.ts';
import { type LeakSample, leakSampleSchema } from '../model/leak-sample.ts';

/** In the guest's image when leaks are watched (src/guest/leak-probe). */
const PROGRAM = '/bin/vexfs-leaks';
/** What is freed late has so long: kfree_rcu alone waits for five seconds. */
const SETTLE_MS = 20_000;
/** Reading the symbols of a kernel takes an emulated guest seconds. */
const ANSWER_MS = 60_000;
const MAX_OUTPUT = 1 << 20;

/** Watches from here on what the module allocates; it must be loaded. Fails with the guest's own words. */
export async function startLeakWatch(control: Control, { name }: ModuleUnderTest): Promise<void> {
  await call(control, ['start', name]);
}

/** What is still there of it, as soon as what is freed late is gone. */
export async function sampleLeaks(control: Control, signal: AbortSignal): Promise<LeakSample> {
  return leakSampleSchema.parse(JSON.parse(await call(control, ['sample', String(SETTLE_MS)], signal)));
}

async function call(control: Control, args: readonly string[], signal?: AbortSignal): Promise<string> {
  const answer = await control.request(
    'exec',
    { argv: [PROGRAM, ...args], timeoutMs: ANSWER_MS, maxOutput: MAX_OUTPUT },
    { timeoutMs: ANSWER_MS + 5000, ...(signal && { signal }) },
  );
  if (answer.status === 0 && answer.truncated !== true) return answer.output;
  throw new ExpectedError(
    'guest',
    `watching for leaks failed in the guest: ${reasonOf(answer)}`,
    'run without --leaks, or take a kernel of 6.1 or later that has BPF (--kernel)',
  );
}

function reasonOf({ status, output, error }: AgentAnswer): string {
  return error ?? /"error":"([^"]*)"/.exec(output)?.[1] ?? `status ${status}`;
}
