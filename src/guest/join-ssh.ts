import { existsSync } from 'node:fs';
import { ExpectedError } from '../base/errors.ts';
import { shellCommand } from './follow-scripts.ts';
import { type JoinOptions, joinByScripts } from './join-scripts.ts';
import type { Joined } from './joined.ts';

export interface SshOptions extends JoinOptions {
  /** As for ssh: a name of ssh_config, user@host or ssh://user@host:port. */
  readonly host: string;
  /** Instead of the user's own ssh_config. */
  readonly config?: string;
  /** True where ssh may ask for a password or an unknown host key. */
  readonly interactive: boolean;
}

/** A guest that dies does not say goodbye to TCP: without questions of our own a silent connection would live for hours. */
const KEEP_ALIVE = ['-o', 'ServerAliveInterval=5', '-o', 'ServerAliveCountMax=3'];
const CONNECT_MS = 30_000;

/**
 * Joins a machine through the `ssh` program, so that the user's ssh_config, agent and jump hosts work. Each stream has a
 * connection of its own; only the first may ask something.
 */
export async function joinSsh(options: SshOptions): Promise<Joined> {
  const { host, config, interactive } = options;
  if (config !== undefined && !existsSync(config))
    throw new ExpectedError('usage', `ssh configuration ${config} does not exist`, 'name a file for ssh -F');
  const file = config === undefined ? [] : ['-F', config];
  return joinByScripts(
    {
      kind: 'ssh',
      what: `ssh ${host}`,
      where: host,
      ...(!interactive && { deadlineMs: CONNECT_MS }),
      command: (script, first) => {
        const asks = interactive && first;
        const batch = ['-o', `BatchMode=${asks ? 'no' : 'yes'}`];
        return {
          program: 'ssh',
          args: [...file, '-T', ...batch, ...KEEP_ALIVE, '--', host, shellCommand(script)],
          detached: !asks,
        };
      },
    },
    options,
  );
}
