import { createIdSource } from '../base/id.ts';
import { EVENT_SCHEMA, type Event } from '../model/event.ts';

type Common = 'schema' | 'id' | 'seq' | 'time' | 'run' | 'guest' | 'boot';
type Body<E> = E extends Event ? Omit<E, Common> & { readonly id?: string } : never;
/** An event without what every event has. */
export type EventBody = Body<Event>;

/** What the log says of the time: seconds of the kernel's clock, ISO 8601. */
export interface Printed {
  readonly kernel?: number | undefined;
  readonly wall?: string | undefined;
}

export interface EmitterOptions {
  readonly run: string;
  readonly startWall: number;
  readonly guest?: string;
  /** False for files: nothing was observed arriving. */
  readonly live: boolean;
  readonly sink: (event: Event) => void;
}

/** Gives events their number, identifier and time, in one place, so that their order is the order of emission. */
export class Emitter {
  readonly #options: EmitterOptions;
  readonly #newId: (observed: number) => string;
  #seq = 0;
  boot = 0;
  /** Host nanoseconds of what is being worked on. */
  now = 0;
  /** The test that is under way. */
  test: string | undefined;

  constructor(options: EmitterOptions) {
    this.#options = options;
    this.#newId = createIdSource(options.run, options.startWall);
  }

  newId(): string {
    return this.#newId(this.now);
  }

  emit(body: EventBody, printed: Printed = {}): Event {
    const { live, run, guest, startWall, sink } = this.#options;
    const event = {
      schema: EVENT_SCHEMA,
      id: body.id ?? this.newId(),
      seq: this.#seq++,
      time: {
        ...(printed.kernel !== undefined && { kernel: printed.kernel }),
        ...(printed.wall !== undefined && { wall: printed.wall }),
        ...(live && { observed: this.now, wall: new Date(startWall + this.now / 1e6).toISOString() }),
      },
      run,
      ...(guest !== undefined && { guest, boot: this.boot }),
      ...(this.test !== undefined && { test: this.test }),
      ...body,
    } as Event;
    sink(event);
    return event;
  }
}
