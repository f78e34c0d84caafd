import { PassThrough } from 'node:stream';
import type { ProcessEnd, Spawn } from '../bpftrace-wrapper/index.ts';
import type { AgentControl } from '../guest/control.ts';

const NAME = 'probes';

/**
 * Starts a command in a guest by its agent, one at a time. Its output comes as events of the control channel (src/guest/agent/protocol.md),
 * where much of it at once would be dropped: for maps and rare records, not for a stream of all events.
 */
export function guestSpawn(control: AgentControl): Spawn {
  return async (argv, env) => {
    const [stdout, stderr] = [new PassThrough(), new PassThrough()];
    let pid = -1;
    let settle: (end: ProcessEnd) => void = () => {};
    const ended = new Promise<ProcessEnd>((resolve) => {
      settle = resolve;
    });
    const off = control.onNotice((notice) => {
      if (notice.event === 'output' && notice.pid === pid) stdout.write(String(notice.data));
      if (notice.event !== 'exit' || notice.name !== NAME) return;
      off();
      stdout.end();
      stderr.end(String(notice.stderr ?? notice.error ?? ''));
      settle(endOf(notice));
    });
    const answer = await control.request('start', { name: NAME, argv, env });
    if (answer.status === 0) pid = Number(answer.pid);
    else {
      off();
      stdout.end();
      stderr.end();
      settle({ code: null, signal: null, error: answer.error ?? `status ${answer.status}` });
    }
    return {
      stdout,
      stderr,
      ended,
      kill: (signal) => void control.request('kill', { pid, signal: signal.slice(3), group: true }).catch(() => {}),
    };
  };
}

function endOf(notice: Readonly<Record<string, unknown>>): ProcessEnd {
  const { status, signal } = notice;
  if (typeof signal === 'number') return { code: null, signal: signal === 9 ? 'SIGKILL' : String(signal) };
  return { code: typeof status === 'number' ? status : null, signal: null };
}
