import { type Event, type Finding, isFinding } from '../model/event.ts';
import { type JoinedRun, type JoinRunOptions, join } from './join.ts';

export const isFinal = (event: Event): event is Finding => isFinding(event) && event.final;

/** A joined run with its events, and a wait for one that is yet to come. */
export class Watched {
  readonly events: Event[] = [];
  readonly advice: (readonly string[])[] = [];
  run!: JoinedRun;
  readonly #looks = new Set<() => void>();

  static async join(options: Partial<JoinRunOptions> & Pick<JoinRunOptions, 'target'>): Promise<Watched> {
    const self = new Watched();
    self.run = await join(
      {
        ...{ backlog: false, events: [], trace: false, interactive: false, patterns: [], command: ['test'] },
        ...options,
      },
      {
        onEvent: (event, advice) => {
          self.events.push(event);
          if (advice.length > 0) self.advice.push(advice);
          for (const look of self.#looks) look();
        },
        progress: () => {},
        warn: () => {},
        signal: new AbortController().signal,
      },
    );
    return self;
  }

  until<E extends Event>(wanted: (event: Event) => event is E): Promise<E> {
    return new Promise((resolve) => {
      const look = () => {
        const found = this.events.find(wanted);
        if (found === undefined) return;
        this.#looks.delete(look);
        resolve(found);
      };
      this.#looks.add(look);
      look();
    });
  }
}
