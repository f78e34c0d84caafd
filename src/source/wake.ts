import { type FSWatcher, watch } from 'node:fs';

/** File systems of other machines do not tell of changes; what is followed is looked at this often. */
const SLOW_MS = 2000;

/** Wakes who follows files or a folder, when one of them may have changed. */
export class Wake {
  #wake = () => {};

  /** Resolves at the next change, at the signal, at the latest a while later. To be called before a look, so that no change is missed. */
  next(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        signal.removeEventListener('abort', done);
        resolve();
      };
      const timer = setTimeout(done, SLOW_MS);
      signal.addEventListener('abort', done);
      this.#wake = done;
    });
  }

  /**
   * Changes of `path`, or, in a folder, of the names that matter (null: not known which). Without a watcher the slow look remains: there may be
   * too many of them on a machine.
   */
  watch(path: string, matters: (name: string | null) => boolean = () => true): FSWatcher | undefined {
    try {
      const watcher = watch(path, (_event, name) => {
        if (matters(name)) this.#wake();
      });
      return watcher.on('error', () => {});
    } catch {
      return undefined;
    }
  }
}
