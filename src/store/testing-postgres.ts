import { spawn, spawnSync } from 'node:child_process';
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Where Debian has the server's programs; the newest. */
const BIN = (() => {
  const root = '/usr/lib/postgresql';
  const versions = existsSync(root) ? readdirSync(root).sort((a, b) => Number(b) - Number(a)) : [];
  return versions.map((version) => join(root, version, 'bin')).find((dir) => existsSync(join(dir, 'initdb')));
})();

/** The server does not run as root. */
const USER = process.getuid?.() === 0 ? idsOf('postgres') : undefined;

/** Why there is none here; empty where there is one. For the name of what is skipped. */
export const NO_POSTGRES =
  BIN === undefined
    ? ' (skipped: no PostgreSQL server here, install the package postgresql)'
    : process.getuid?.() === 0 && USER === undefined
      ? ' (skipped: root, and no user postgres to run the server as)'
      : '';

export interface TestServer {
  /** Where a store can be made: a schema of its own. */
  fresh(): string;
  stop(): Promise<void>;
}

/** A real server with its data in a temporary folder, reached through a socket there and in no other way. */
export async function startPostgres(): Promise<TestServer> {
  const bin = BIN ?? '';
  const dir = mkdtempSync(join(tmpdir(), 'vexfs-pg-'));
  if (USER !== undefined) chownSync(dir, USER.uid, USER.gid);
  const how = { ...USER, cwd: dir, env: { PATH: process.env.PATH, LC_ALL: 'C.UTF-8' }, encoding: 'utf8' } as const;
  const made = spawnSync(
    join(bin, 'initdb'),
    ['-D', `${dir}/data`, '-U', 'test', '-A', 'trust', '-E', 'UTF8', '--no-sync'],
    how,
  );
  if (made.status !== 0) throw new Error(`initdb: ${made.stderr}${made.error ?? ''}`);
  const settings = [
    'listen_addresses=',
    `unix_socket_directories=${dir}`,
    'fsync=off',
    'max_connections=40',
    'shared_buffers=64MB',
  ];
  const server = spawn(join(bin, 'postgres'), ['-D', `${dir}/data`, ...settings.flatMap((each) => ['-c', each])], {
    ...how,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  await new Promise<void>((resolve, reject) => {
    let said = '';
    server.stderr.on('data', (bytes) => {
      said += bytes;
      if (said.includes('ready to accept connections')) resolve();
    });
    server.once('exit', (code) => reject(new Error(`the server ended with ${code}: ${said}`)));
  });
  const query = (sql: string) => {
    const ran = spawnSync(join(bin, 'psql'), ['-h', dir, '-U', 'test', '-d', 'postgres', '-qAt', '-c', sql], {
      encoding: 'utf8',
    });
    if (ran.status !== 0) throw new Error(ran.stderr);
    return ran.stdout.trim();
  };
  let count = 0;
  return {
    fresh: () => {
      const name = `store_${++count}`;
      query(`create schema ${name}`);
      return `postgresql://test@localhost/postgres?host=${encodeURIComponent(dir)}&options=-c%20search_path%3D${name}`;
    },
    stop: async () => {
      const gone = new Promise((resolve) => server.once('exit', resolve));
      // Immediate: nothing of it is needed any more.
      server.kill('SIGQUIT');
      await gone;
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

function idsOf(user: string): { readonly uid: number; readonly gid: number } | undefined {
  const [uid, gid] = ['-u', '-g'].map((flag) => spawnSync('id', [flag, user], { encoding: 'utf8' }).stdout.trim());
  return uid && gid ? { uid: Number(uid), gid: Number(gid) } : undefined;
}
