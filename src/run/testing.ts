import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Event } from '../model/event.ts';
import { type Attached, type AttachOptions, attach } from './attach.ts';

export interface TestGuest {
  readonly attached: Attached;
  readonly events: Event[];
  readonly captureDir: string;
  readonly warnings: string[];
  /** Bytes that the console has said so far. */
  consoleBytes(): number;
  close(): Promise<void>;
}

/** A real guest for tests, recorded to a temporary folder. */
export async function openTestGuest({
  onEvent,
  ...options
}: Partial<AttachOptions> & { readonly onEvent?: (event: Event) => void } = {}): Promise<TestGuest> {
  const dir = mkdtempSync(join(tmpdir(), 'vexfs-test-'));
  const captureDir = join(dir, 'capture');
  const events: Event[] = [];
  const warnings: string[] = [];
  const attached = await attach(
    {
      kernel: 'stock',
      cpus: 2,
      patterns: [],
      recover: true,
      trace: true,
      probes: false,
      command: ['test'],
      captureDir,
      ...options,
    },
    {
      onEvent: (event) => {
        events.push(event);
        onEvent?.(event);
      },
      progress: () => {},
      warn: (text) => warnings.push(text),
      signal: new AbortController().signal,
    },
  );
  return {
    attached,
    events,
    captureDir,
    warnings,
    consoleBytes: () => statSync(join(captureDir, 'console.raw')).size,
    async close() {
      await attached.close();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
