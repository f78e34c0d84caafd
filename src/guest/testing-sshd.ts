import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';

/** Where Debian's openssh-server puts it; it must be started by its full path. */
const SSHD = '/usr/sbin/sshd';

export const HAS_SSHD = existsSync(SSHD);

/** An ssh server of our own on this machine, and the ssh_config that leads to it as host `box`. */
export interface TestSshd {
  readonly config: string;
  /** Another configuration, with lines put before those for `box`. */
  configWith(name: string, lines: string): string;
  /** Ends every connection without a word, as a guest does that dies. */
  killSessions(): void;
  close(): Promise<void>;
}

export async function startSshd(): Promise<TestSshd> {
  const dir = mkdtempSync(join(tmpdir(), 'vexfs-sshd-'));
  const [hostKey, userKey] = [join(dir, 'host'), join(dir, 'user')];
  for (const key of [hostKey, userKey]) spawnSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', key]);
  const port = await freePort();
  const lines = (...texts: string[]) => `${texts.join('\n')}\n`;
  writeFileSync(join(dir, 'authorized_keys'), readFileSync(`${userKey}.pub`));
  writeFileSync(join(dir, 'known_hosts'), `[127.0.0.1]:${port} ${readFileSync(`${hostKey}.pub`, 'utf8')}`);
  writeFileSync(
    join(dir, 'sshd_config'),
    lines(
      `HostKey ${hostKey}`,
      `AuthorizedKeysFile ${join(dir, 'authorized_keys')}`,
      'PermitRootLogin yes',
      'StrictModes no',
      'UsePAM no',
      'PidFile none',
      // Machines greet, and their login shells are not ours to choose.
      'ForceCommand echo Welcome; eval "$SSH_ORIGINAL_COMMAND"',
    ),
  );
  const box = lines(
    'Host box',
    '  HostName 127.0.0.1',
    `  Port ${port}`,
    `  User ${userInfo().username}`,
    `  IdentityFile ${userKey}`,
    '  IdentitiesOnly yes',
    `  UserKnownHostsFile ${join(dir, 'known_hosts')}`,
  );
  const configWith = (name: string, before: string) => {
    writeFileSync(join(dir, name), `${before}\n${box}`);
    return join(dir, name);
  };
  // For privilege separation; a booted Debian makes it at start.
  if (process.getuid?.() === 0) mkdirSync('/run/sshd', { recursive: true });
  const args = ['-D', '-e', '-f', join(dir, 'sshd_config'), '-o', `ListenAddress=127.0.0.1:${port}`];
  const sshd = spawn(SSHD, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  await listening(sshd);
  return {
    config: configWith('ssh_config', ''),
    configWith,
    killSessions() {
      for (const pid of childrenOf(sshd.pid)) process.kill(pid, 'SIGKILL');
    },
    async close() {
      const gone = new Promise((resolve) => sshd.once('close', resolve));
      sshd.kill();
      await gone;
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}

function listening(sshd: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let said = '';
    sshd.stderr?.on('data', (bytes) => {
      said += bytes;
      if (said.includes('Server listening')) resolve();
    });
    sshd.once('exit', () => reject(new Error(`sshd did not start: ${said}`)));
  });
}

function childrenOf(pid: number | undefined): number[] {
  const list = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
  return list === '' ? [] : list.split(' ').map(Number);
}
