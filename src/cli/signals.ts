import { EXIT } from '../base/errors.ts';

/** The first Ctrl-C (or SIGTERM) asks for an orderly end, the second ends at once. */
export function createInterrupt(): {
  readonly signal: AbortSignal;
  readonly exitCode: () => number | undefined;
  dispose(): void;
} {
  const controller = new AbortController();
  let code: number | undefined;
  const on = (name: 'sigint' | 'sigterm') => () => {
    if (code !== undefined) process.exit(EXIT[name]);
    code = EXIT[name];
    controller.abort();
  };
  const handlers = { SIGINT: on('sigint'), SIGTERM: on('sigterm'), SIGHUP: on('sigterm') } as const;
  for (const [name, handler] of Object.entries(handlers)) process.on(name, handler);
  return {
    signal: controller.signal,
    exitCode: () => code,
    dispose() {
      for (const [name, handler] of Object.entries(handlers)) process.off(name, handler);
    },
  };
}
