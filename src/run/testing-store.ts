import { CAPTURE_SCHEMA } from '../model/capture.ts';
import type { Event } from '../model/event.ts';
import { CaptureWriter } from '../source/capture-writer.ts';
import { type LiveOptions, openLiveStore } from './store-live.ts';
import { Runs } from './store-runs.ts';

/** A recording as a run leaves it. */
export function record(folder: string, run: string, events: readonly Event[]): CaptureWriter {
  const info = {
    schema: CAPTURE_SCHEMA as typeof CAPTURE_SCHEMA,
    run,
    tool: 'vexfs-trace 0',
    startWall: Date.parse('2026-01-02T03:04:05Z'),
    command: ['attach'],
  };
  const capture = new CaptureWriter(
    folder,
    { ...info, guest: 'g1', kernel: { name: 'stock', release: '6.1.0' } },
    (text) => {
      throw new Error(text);
    },
  );
  for (const event of events) capture.event(event);
  return capture;
}

export async function exported(store: string, names: readonly string[] = []): Promise<string> {
  let text = '';
  await Runs.use(store, false, async (runs) => {
    for await (const line of runs.export(names)) text += `${line}\n`;
  });
  return text;
}

export async function bodies(store: string, run: string): Promise<string[]> {
  const lines: string[] = [];
  await Runs.use(store, false, async (runs) => {
    for await (const line of runs.events(run, {})) lines.push(line);
  });
  return lines;
}

/** Has events come as a run has them, and the run end. */
export async function live(
  store: string,
  events: readonly Event[],
  folder: string | undefined,
  options: LiveOptions = {},
): Promise<string[]> {
  const warnings: string[] = [];
  const run = { kind: 'attach', command: ['attach'], ...(folder !== undefined && { folder }) } as const;
  const open = await openLiveStore(store, run, (text) => warnings.push(text), options);
  for (const event of events) open.event(event);
  await open.close();
  return warnings;
}
