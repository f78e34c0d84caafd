import { expect, test } from 'vitest';
import type { MachineState } from '../model/guest.ts';
import { judgeSilence, type Observed, type SilenceCause } from './silence.ts';

const machine = (rest: Partial<MachineState> = {}): MachineState => ({
  status: 'running',
  cpus: [],
  controlPort: 'open',
  ...rest,
});
const SILENT: Observed = { answered: false, machine: machine(), starved: 0.1, kernelAnswers: false };

test.each<[SilenceCause, Partial<Observed>]>([
  ['answers', { answered: true, machine: machine({ status: 'paused' }) }],
  ['frozen', { machine: machine({ status: 'paused' }) }],
  ['emulator-stuck', { machine: machine({ status: 'no-answer', controlPort: 'unknown' }), kernelAnswers: undefined }],
  ['port-lost', { machine: machine({ controlPort: 'unplugged' }), kernelAnswers: true }],
  ['port-lost', { machine: machine({ controlPort: 'disconnected' }), kernelAnswers: true }],
  ['agent-dead', { machine: machine({ controlPort: 'closed' }), kernelAnswers: true }],
  ['agent-stuck', { kernelAnswers: true }],
  // A starved guest that answers keys is alive; one that does not has had no chance to.
  ['agent-stuck', { kernelAnswers: true, starved: 0.9 }],
  ['slow', { starved: 0.9 }],
  ['hang', { starved: 0.5 }],
  ['hang', { starved: undefined }],
  ['hang', { machine: machine({ status: 'guest-panicked' }) }],
  ['silent', { machine: undefined, starved: undefined, kernelAnswers: undefined }],
])('%s: %j', (cause, seen) => {
  expect(judgeSilence({ ...SILENT, ...seen })).toBe(cause);
});
