import { setTimeout as sleep } from 'node:timers/promises';
import type { AgentAnswer } from '../model/guest.ts';
import type { Threshold } from '../model/thresholds.ts';
import type { Scene } from './test.ts';

/** Errors that scenarios expect, by what the agent gives: errno of Linux on the architectures that guests have. */
export const ERRNO = {
  ENOENT: 2,
  EAGAIN: 11,
  EBUSY: 16,
  EEXIST: 17,
  ENODEV: 19,
  ENOTDIR: 20,
  EINVAL: 22,
  EROFS: 30,
  ENOTBLK: 15,
  EBADMSG: 74,
  EUCLEAN: 117,
} as const;
type Errno = keyof typeof ERRNO;

type Fields = Readonly<Record<string, unknown>>;

/** MS_RDONLY and MS_REMOUNT (include/uapi/linux/mount.h). */
export const MS_RDONLY = 1;
export const MS_REMOUNT = 32;

/** What a scenario has done so far, and what of it was wrong. */
export class Steps {
  readonly scene: Scene;
  readonly wrong: string[] = [];

  constructor(scene: Scene) {
    this.scene = scene;
  }

  expect(right: boolean, otherwise: string): boolean {
    if (!right) this.wrong.push(otherwise);
    return right;
  }

  /** A command that has to work. */
  async works(what: string, cmd: string, fields: Fields, limit?: Threshold): Promise<boolean> {
    const start = performance.now();
    const answer = await this.#ask(cmd, fields);
    const ms = performance.now() - start;
    if (limit !== undefined && answer.status === 0)
      this.expect(
        ms <= this.scene.limits[limit],
        `${what} took ${Math.round(ms)} ms, more than ${this.scene.limits[limit]}`,
      );
    return this.expect(answer.status === 0, `${what}: ${wordsOf(answer)}`);
  }

  /** A command that has to be refused, and for one of these reasons. */
  async refused(what: string, cmd: string, fields: Fields, reasons: readonly Errno[]): Promise<boolean> {
    const answer = await this.#ask(cmd, fields);
    const named = reasons.some((reason) => ERRNO[reason] === answer.status);
    return this.expect(
      named && answer.error !== undefined,
      `${what} was not refused with ${reasons.join(' or ')}: ${answer.status === 0 ? 'it worked' : wordsOf(answer)}`,
    );
  }

  /** A program that has to work; its output. */
  async output(what: string, argv: readonly string[], seconds = 30): Promise<string | undefined> {
    const answer = await this.#ask('exec', { argv, maxOutput: 1 << 19, timeoutMs: seconds * 1000 });
    return this.expect(answer.status === 0, `${what}: ${wordsOf(answer)}`) ? answer.output : undefined;
  }

  /** A file's content; undefined when it is not there. */
  async read(path: string): Promise<string | undefined> {
    const answer = await this.#ask('read', { path, max: 1 << 19 });
    return answer.status === 0 ? answer.output : undefined;
  }

  async load(limit?: Threshold): Promise<boolean> {
    const { file, params } = this.scene.module;
    return this.works('loading the module', 'load', { path: file, params }, limit);
  }

  /** What has just been unmounted may hold the module for some milliseconds more. */
  async unload(limit?: Threshold): Promise<boolean> {
    const { name } = this.scene.module;
    for (let attempt = 0; ; attempt++) {
      const start = performance.now();
      const answer = await this.#ask('unload', { name });
      if (answer.status === ERRNO.EAGAIN && attempt < 20) {
        await sleep(100, undefined, { signal: this.scene.signal });
        continue;
      }
      const ms = performance.now() - start;
      if (limit !== undefined)
        this.expect(
          ms <= this.scene.limits[limit],
          `unloading took ${Math.round(ms)} ms, more than ${this.scene.limits[limit]}`,
        );
      return this.expect(answer.status === 0, `unloading the module: ${wordsOf(answer)}`);
    }
  }

  mountFields(target: string, more: Fields = {}): Fields {
    const { fstype, device } = this.scene.module;
    return { source: device ?? 'none', target, fstype, ...more };
  }

  async mount(target = this.scene.mountPoint, more: Fields = {}, limit?: Threshold): Promise<boolean> {
    return this.works(`mounting ${target}`, 'mount', this.mountFields(target, more), limit);
  }

  async unmount(target = this.scene.mountPoint, limit?: Threshold): Promise<boolean> {
    return this.works(`unmounting ${target}`, 'umount', { target }, limit);
  }

  #ask(cmd: string, fields: Fields): Promise<AgentAnswer> {
    const timeoutMs = typeof fields.timeoutMs === 'number' ? fields.timeoutMs : this.scene.limits.hang;
    return this.scene.control.request(cmd, fields, { timeoutMs, signal: this.scene.signal });
  }
}

function wordsOf({ status, error, output }: AgentAnswer): string {
  if (status === -2) return 'no end';
  return error ?? (output.trim().slice(-200) || `status ${status}`);
}
