import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runtimeRoot } from './paths.ts';

/** What a guest's runtime folder says of its guest, for `guest list` and for cleaning up. */
export interface RunRecord {
  readonly id: string;
  /** Who ends the guest; absent for one that was detached and belongs to the user. */
  readonly owner?: ProcessId;
  readonly qemu?: ProcessId;
  readonly kernel: string;
  readonly started: string;
}

/** A process by number and start time, since numbers are used again. */
export interface ProcessId {
  readonly pid: number;
  readonly start: string;
}

export function processId(pid: number | undefined): ProcessId | undefined {
  const start = pid === undefined ? undefined : startTime(pid);
  return pid === undefined || start === undefined ? undefined : { pid, start };
}

export function isAlive(process: ProcessId | undefined): boolean {
  return process !== undefined && startTime(process.pid) === process.start;
}

export function createRunDir(id: string): string {
  const dir = join(runtimeRoot(), id);
  mkdirSync(dir, { mode: 0o700 });
  return dir;
}

/** Replaces the record as a whole: others read it at any time. */
export function writeRecord(dir: string, record: RunRecord): void {
  const fresh = join(dir, 'record.new');
  writeFileSync(fresh, JSON.stringify(record));
  renameSync(fresh, join(dir, 'record.json'));
}

export function listRecords(): { dir: string; record: RunRecord }[] {
  const root = runtimeRoot();
  return readdirSync(root)
    .map((name) => join(root, name))
    .flatMap((dir) => {
      const record = readRecord(dir);
      return record === undefined ? [] : [{ dir, record }];
    });
}

/**
 * Ends guests and removes folders whose owner is gone (killed, crashed machine). Called at every start.
 * QEMU ends with its owner by itself (PDEATHSIG); this is for what that misses. Returns what was cleaned.
 */
export function sweep(now = Date.now()): string[] {
  const cleaned: string[] = [];
  for (const name of readdirSync(runtimeRoot())) {
    const dir = join(runtimeRoot(), name);
    if (readRecord(dir) !== undefined || !isOldFolder(dir, now)) continue;
    rmSync(dir, { recursive: true, force: true });
    cleaned.push(name);
  }
  for (const { dir, record } of listRecords()) {
    if (isAlive(record.owner ?? record.qemu)) continue;
    end(record.qemu);
    rmSync(dir, { recursive: true, force: true });
    cleaned.push(record.id);
  }
  return cleaned;
}

/** Without a record a folder belongs to a guest that is about to start, or to one that never did. */
const NEW_MS = 600_000;

function isOldFolder(dir: string, now: number): boolean {
  const stats = statSync(dir, { throwIfNoEntry: false });
  return stats?.isDirectory() === true && now - stats.mtimeMs > NEW_MS;
}

/** Ends a process that may be gone, or go right now. */
export function end(id: ProcessId | undefined): void {
  if (id === undefined || !isAlive(id)) return;
  try {
    process.kill(id.pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

function readRecord(dir: string): RunRecord | undefined {
  const path = join(dir, 'record.json');
  if (!existsSync(path)) return undefined;
  try {
    const record = JSON.parse(readFileSync(path, 'utf8')) as RunRecord;
    return typeof record.id === 'string' ? record : undefined;
  } catch {
    return undefined;
  }
}

/** Field 22 of /proc/PID/stat (proc(5)); the name in field 2 may hold blanks and brackets, so count from its end. */
function startTime(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? undefined : fields[19];
  } catch {
    return undefined;
  }
}
