import { appendFileSync, createReadStream, existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Transition, transitionSchema } from '../alert/transition.ts';
import { ExpectedError, messageOf } from '../base/errors.ts';
import { readNdjson, toNdjson } from '../base/ndjson.ts';

const FILE = 'alerts.ndjson';

/** Adds alerts to those of a run. A folder that cannot be written costs one warning. */
export function openHistory(folder: string | undefined, warn: (message: string) => void): (one: Transition) => void {
  let failed = folder === undefined;
  return (one) => {
    if (failed || folder === undefined) return;
    try {
      appendFileSync(join(folder, FILE), toNdjson(one));
    } catch (error) {
      failed = true;
      warn(`alerts are not recorded: ${messageOf(error)}`);
    }
  };
}

/** Alerts that a run has recorded, up to the first line that is damaged. */
export async function readHistory(folder: string, warn: (message: string) => void): Promise<Transition[]> {
  const path = join(folder, FILE);
  if (!existsSync(path))
    throw new ExpectedError('nothingRan', `${folder} has no alerts: none came, or it was run without --alerts`);
  const all: Transition[] = [];
  try {
    for await (const value of readNdjson(createReadStream(path))) all.push(transitionSchema.parse(value));
  } catch {
    warn(`${path} is damaged behind line ${all.length}`);
  }
  return all;
}
