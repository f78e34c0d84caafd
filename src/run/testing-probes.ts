import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import type { Message } from '../bpftrace-wrapper/index.ts';
import type { RunningProbes } from '../probes/index.ts';
import { lacksToBuild } from './probes-objects.ts';

const isRoot = process.getuid?.() === 0;
const has = (program: string, ...args: string[]) => spawnSync(program, args, { env: PATHS }).status === 0;
const PATHS = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` };

/** Why probes cannot run on this machine, as words for the names of tests that are skipped; empty when they can. */
export const NO_BPFTRACE =
  isRoot && has('test', '-r', '/sys/kernel/tracing/available_events') && has('bpftrace', '--version')
    ? ''
    : ' (needs root, tracefs and bpftrace)';
export const NO_OBJECTS =
  isRoot && lacksToBuild().length === 0 && existsSync('/sys/kernel/btf/vmlinux')
    ? ''
    : ' (needs root, BTF, clang, libbpf-dev and bpftool)';
export const NO_NETWORK = isRoot && has('unshare', '-n', 'ip', 'link') ? '' : ' (needs network namespaces)';

/** What of BPF the kernel holds, by names of programs and maps. */
export function bpfNames(): readonly string[] {
  return ['prog', 'map', 'link'].flatMap((kind) => {
    const { stdout } = spawnSync('bpftool', [kind, 'list', '-j'], { encoding: 'utf8', env: PATHS });
    const list = JSON.parse(stdout || '[]') as { name?: string; type?: string; prog_name?: string }[];
    return list.map(({ name, type }) => `${kind} ${name ?? type ?? ''}`);
  });
}

/** What is left of those names. The kernel frees a moment after it was let go, and others on this machine may run the same. */
export async function untilGone(names: RegExp): Promise<readonly string[]> {
  return (await settled((left) => left.filter((name) => names.test(name)).length === 0)).filter((name) =>
    names.test(name),
  );
}

/** Waits until `done` holds of all names, ten seconds at most, and gives them as they are then. */
export async function settled(done: (names: readonly string[]) => boolean): Promise<readonly string[]> {
  for (let i = 0; i < 200 && !done(bpfNames()); i++) await new Promise((resolve) => setTimeout(resolve, 50));
  return bpfNames();
}

/** Resident memory of a process in kilobytes. */
export function residentKiB(pid: number): number {
  return Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
}

/** A network namespace with the ends v0 and v1 of a cable. It goes with the process that holds it. */
export class Network {
  readonly #holder: ChildProcess;
  /** What to put before a command. */
  readonly enter: readonly string[];

  private constructor(holder: ChildProcess) {
    this.#holder = holder;
    this.enter = ['nsenter', `--net=/proc/${holder.pid}/ns/net`];
  }

  static async open(): Promise<Network> {
    const script = `ip link add v0 type veth peer name v1 && ip addr add 10.9.0.1/24 brd 10.9.0.255 dev v1 &&
      ip link set v0 up && ip link set v1 up && echo ready && read -r end`;
    const holder = spawn('unshare', ['-n', 'sh', '-c', script], { stdio: ['pipe', 'pipe', 'inherit'], env: PATHS });
    await once(holder.stdout, 'data');
    return new Network(holder);
  }

  /** Sends datagrams to everybody on the cable, out of v1. */
  broadcast(count: number): void {
    const program = `const socket = require('node:dgram').createSocket('udp4').bind(0, async () => {
      socket.setBroadcast(true);
      for (let i = 0; i < ${count}; i++) await new Promise((done) => socket.send('hello', 9, '10.9.0.255', done));
      socket.close();
    })`;
    const [enter = '', ...args] = this.enter;
    spawnSync(enter, [...args, process.execPath, '-e', program], { stdio: 'inherit' });
  }

  async close(): Promise<void> {
    this.#holder.stdin?.end();
    await once(this.#holder, 'close');
  }
}

/** All messages of probes that are stopped as soon as `work`, done when they are attached, has ended. */
export async function during(
  probes: RunningProbes,
  work: () => void | Promise<void>,
  attached: Message['kind'] = 'attached',
): Promise<Message[]> {
  const messages: Message[] = [];
  let worked = false;
  for await (const message of probes) {
    messages.push(message);
    if (message.kind === 'attached') probes.dump();
    if (message.kind !== attached || worked) continue;
    worked = true;
    await work();
    probes.stop();
  }
  return messages;
}
