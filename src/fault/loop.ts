import { ExpectedError } from '../base/errors.ts';
import { type Armed, type FaultTarget, orUndo, shell } from './target.ts';

/** Where faults keep their marks: a file while the fault is in force, beside it what it has counted. Gone with a restore. */
const FOLDER = '/tmp/vexfs-faults';

/** What a fault does over and over in the guest, until it is released. Scripts see `args` as `$1`… */
interface Loop {
  readonly name: string;
  /** Once, before the first turn; when it fails the fault is not armed. */
  readonly begin?: string;
  /** Nothing in a turn may wait for long: a release waits for the turn that is under way. */
  readonly turn: string;
  /** When it is over, also when no turn was ever made, also twice. */
  readonly end?: string;
  readonly args: readonly (string | number)[];
  /** `turns`: so far. */
  readonly detail: (turns: number) => string;
}

/**
 * Runs a loop beside everything else. It lives by a file, not by a process id, which after a restore could be somebody
 * else's: `release` removes the file and waits until the loop has seen it.
 */
export async function armLoop(target: FaultTarget, loop: Loop): Promise<Armed> {
  const mark = `${FOLDER}/${loop.name}`;
  const script = (text: string) => `mark=$1; shift\n${text}`;
  const run = (what: string, text: string) => shell(target, `${what} ${loop.name}`, script(text), [mark, ...loop.args]);
  const argv = ['/bin/sh', '-c', script(TURNS.replace('@', () => loop.turn)), 'fault', mark, ...loop.args.map(String)];
  const arm = async () => {
    await run('arming', `mkdir -p "\${mark%/*}" && : >"$mark.turns" && : >"$mark" || exit 1\n${loop.begin ?? ''}`);
    const answer = await target.guest.control.request('exec', { argv, background: true });
    if (answer.status !== 0)
      throw new ExpectedError('guest', `${loop.name} did not start: ${answer.error ?? answer.status}`);
  };
  await orUndo(arm, () => run('releasing', `rm -f "$mark"\n${loop.end ?? ''}`));
  return {
    report: async () => {
      const { output } = await run('asking', 'wc -c 2>/dev/null <"$mark.turns" || echo 0');
      const turns = Number(output.trim());
      return { hits: turns, detail: loop.detail(turns) };
    },
    release: async () => {
      await run('releasing', STOP);
      if (loop.end !== undefined) await run('releasing', loop.end);
    },
  };
}

/** Also its standard output is closed: what a turn says is nobody's. */
const TURNS = `exec >/dev/null 2>&1 </dev/null
while [ -e "$mark" ]; do
@
printf . >>"$mark.turns"
done
: >"$mark.over"`;

/** Waits ten seconds at most for the turn that is under way. */
const STOP = `[ -e "$mark" ] || exit 0
rm -f "$mark"
for i in $(seq 200); do [ -e "$mark.over" ] && break; usleep 50000; done
rm -f "$mark.over"`;
