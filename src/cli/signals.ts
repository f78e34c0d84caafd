import { EXIT } from '../base/errors.ts';

type Ending = 'sigint' | 'sigterm';

/** The first Ctrl-C (or SIGTERM) asks for an orderly end, the second ends at once. */
export function createInterrupt(): {
  readonly signal: AbortSignal;
  readonly exitCode: () => number | undefined;
  dispose(): void;
} {
  const controller = new AbortController();
  let code: number | undefined;
  const dispose = onSignals((ending) => {
    if (code !== undefined) process.exit(EXIT[ending]);
    code = EXIT[ending];
    controller.abort();
  });
  return { signal: controller.signal, exitCode: () => code, dispose };
}

/** Has a signal end the process as an exit, so that what is to be cleaned up then is. Gives what undoes it. */
export function exitOnSignals(): () => void {
  return onSignals((ending) => process.exit(EXIT[ending]));
}

function onSignals(handler: (ending: Ending) => void): () => void {
  const handlers = {
    SIGINT: () => handler('sigint'),
    SIGTERM: () => handler('sigterm'),
    SIGHUP: () => handler('sigterm'),
  } as const;
  for (const [name, listener] of Object.entries(handlers)) process.on(name, listener);
  return () => {
    for (const [name, listener] of Object.entries(handlers)) process.off(name, listener);
  };
}
