import { ExpectedError } from '../base/errors.ts';
import type { FaultRow } from './row.ts';
import type { Armed, FaultTarget } from './target.ts';

const base = { group: 'machine', leaves: 'broken' } as const;

/** What happens once and has nothing to undo: recovery does that. */
function once(detail: string, release: () => Promise<void> = async () => {}): Armed {
  return { report: async () => ({ hits: 1, detail }), release };
}

function cannot(what: string): ExpectedError {
  return new ExpectedError('guest', `this guest cannot be ${what} from here`);
}

/** The shell that the agent starts has it as its parent. The signal comes when the answer has gone out. */
async function signalAgent(target: FaultTarget, script: string, args: readonly number[] = []): Promise<void> {
  const argv = ['/bin/sh', '-c', script, 'fault', ...args.map(String)];
  await target.guest.control.request('exec', { argv, background: true });
}

export const MACHINE_ROWS: readonly FaultRow[] = [
  {
    ...base,
    name: 'frozen-guest',
    about: 'all CPUs stop, as under a host that is short of memory: silence without a crash',
    needs: ['freeze'],
    parameters: [],
    arm: async ({ guest }) => {
      if (guest.freeze === undefined) throw cannot('frozen');
      await guest.freeze();
      return once('the CPUs were stopped', async () => guest.thaw?.());
    },
  },
  {
    ...base,
    name: 'killed-guest',
    about: 'the machine is gone from one moment to the next',
    needs: ['kill'],
    parameters: [],
    arm: async ({ guest }) => {
      if (guest.kill === undefined) throw cannot('killed');
      await guest.kill();
      return once('the machine was ended');
    },
  },
  {
    ...base,
    name: 'dead-agent',
    about: 'the agent in the guest is killed, and all that it had started; init starts another',
    needs: ['root'],
    parameters: [],
    arm: async (target) => {
      await signalAgent(target, 'usleep 100000; kill -KILL $PPID');
      return once('the agent was killed');
    },
  },
  {
    ...base,
    name: 'stopped-agent',
    about: 'the agent in the guest stays silent, everything else runs on',
    needs: ['root'],
    parameters: [{ name: 'seconds', default: 0, unit: 's', about: 'until it goes on; 0 for never' }],
    arm: async (target, { seconds }) => {
      const script =
        'agent=$PPID; usleep 100000; kill -STOP $agent; [ "$1" = 0 ] || { sleep "$1"; kill -CONT $agent; }';
      await signalAgent(target, script, [Number(seconds)]);
      return once('the agent was stopped');
    },
  },
  {
    ...base,
    name: 'lost-port',
    about: 'the virtio port by which the guest takes commands is unplugged',
    needs: ['unplug'],
    parameters: [],
    arm: async ({ guest }) => {
      if (guest.losePort === undefined) throw cannot('unplugged');
      await guest.losePort();
      return once('the port was unplugged', async () => guest.mendPort?.());
    },
  },
];
