import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ExpectedError } from '../base/errors.ts';

/** Removes an earlier capture of the same name. Any other folder with something in it is left alone, with exit 2. */
export function makeRoomForCapture(dir: string): void {
  if (!existsSync(dir) || readdirSync(dir).length === 0) return;
  if (!existsSync(join(dir, 'capture.json'))) {
    throw new ExpectedError('usage', `${dir} is not empty and not a capture`, 'name another folder with --capture');
  }
  rmSync(dir, { recursive: true });
}
