import { PassThrough } from 'node:stream';
import type { ProcessEnd, Spawn } from '../bpftrace-wrapper/index.ts';
import type { AgentControl } from '../guest/control.ts';
import { bpftraceEngine, type ProbeEngine } from '../probes/index.ts';

const NAME = 'probes';

/** An emulated guest compiles for a minute, and takes as long to detach a hundred probes and name the functions of their stacks. */
const SLOW = { attachMs: 120_000, drainMs: 90_000 };

/** bpftrace in a guest, for one run at a time. */
export function guestEngine(control: AgentControl): ProbeEngine {
  return bpftraceEngine({ spawn: guestSpawn(control), ...SLOW });
}

/**
 * Starts a command in a guest by its agent, one at a time. Its output comes as events of the control channel (src/guest/agent/protocol.md),
 * where much of it at once would be dropped: for maps and rare records, not for a stream of all events.
 */
function guestSpawn(control: AgentControl): Spawn {
  return async (argv, env) => {
    const [stdout, stderr] = [new PassThrough(), new PassThrough()];
    let pid = -1;
    const early: [from: unknown, data: string][] = [];
    let settle: (end: ProcessEnd) => void = () => {};
    const ended = new Promise<ProcessEnd>((resolve) => {
      settle = resolve;
    });
    const off = control.onNotice((notice) => {
      // A short command has spoken and ended before its answer is seen here.
      if (notice.event === 'output' && pid < 0) early.push([notice.pid, String(notice.data)]);
      if (notice.event === 'output' && notice.pid === pid) stdout.write(String(notice.data));
      if (notice.event !== 'exit' || notice.name !== NAME) return;
      off();
      for (const [from, data] of early) if (from === notice.pid) stdout.write(data);
      early.length = 0;
      stdout.end();
      stderr.end(String(notice.stderr ?? notice.error ?? ''));
      settle(endOf(notice));
    });
    const answer = await control.request('start', { name: NAME, argv, env });
    if (answer.status === 0) {
      pid = Number(answer.pid);
      for (const [from, data] of early.splice(0)) if (from === pid) stdout.write(data);
    } else {
      off();
      stdout.end();
      stderr.end();
      settle({ code: null, signal: null, error: answer.error ?? `status ${answer.status}` });
    }
    return {
      stdout,
      stderr,
      ended,
      pid: Promise.resolve(pid > 0 ? pid : null),
      kill: (signal) => void control.request('kill', { pid, signal: signal.slice(3), group: true }).catch(() => {}),
    };
  };
}

function endOf(notice: Readonly<Record<string, unknown>>): ProcessEnd {
  const { status, signal } = notice;
  if (typeof signal === 'number') return { code: null, signal: signal === 9 ? 'SIGKILL' : String(signal) };
  return { code: typeof status === 'number' ? status : null, signal: null };
}
