import type { Event } from '../model/event.ts';
import type { SymbolOptions } from './symbol-finding.ts';
import { SymbolStage } from './symbol-stage.ts';

/** What events pass on their way to whoever shows them. */
export interface Symbols {
  /** Delivers the event, a complete finding with its symbols; all in the order in which they came. */
  event(event: Event, deliver: (event: Event) => void): void;
  /** Does it when all that came before has been delivered. */
  inOrder(act: () => void): void;
  /** A module with debug information that was not known when this was opened. Fails with a sentence when it cannot be used. */
  addModule(path: string): void;
  /** Resolves when a reader of files may go on. */
  room(): Promise<void>;
  /** Resolves when everything so far has been delivered. */
  drain(): Promise<void>;
  /** Delivers what is left and ends the programs that were started. */
  close(): Promise<void>;
}

export interface SymbolPorts {
  readonly warn: (message: string) => void;
  /** Events come whether or not somebody keeps up. */
  readonly live: boolean;
}

/** Findings that wait for their symbols in a live run. */
const MAX_WAITING = 500;

const NONE: Symbols = {
  event: (event, deliver) => deliver(event),
  inOrder: (act) => act(),
  addModule: () => {},
  room: async () => {},
  drain: async () => {},
  close: async () => {},
};

/**
 * Without options events pass at once. Fails with a sentence when a file that was named cannot be used, or what reads it is not
 * installed.
 */
export async function openSymbols(options: SymbolOptions | undefined, { warn, live }: SymbolPorts): Promise<Symbols> {
  if (options === undefined) return NONE;
  const { FindingSymbolizer } = await import('./symbol-finding.ts');
  const symbolizer = new FindingSymbolizer(options, warn);
  const stage = new SymbolStage({
    symbolize: (finding) => symbolizer.symbolize(finding),
    ...(live && { maxWaiting: MAX_WAITING }),
    warn,
  });
  return {
    event: (event, deliver) => stage.event(event, deliver),
    inOrder: (act) => stage.inOrder(act),
    addModule: (path) => symbolizer.addModule(path),
    room: () => stage.room(),
    drain: () => stage.drain(),
    close: async () => {
      try {
        await stage.drain();
      } finally {
        await symbolizer.close();
      }
    },
  };
}
