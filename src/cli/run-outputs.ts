import { existsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { ExpectedError } from '../base/errors.ts';
import { didYouMean } from '../base/text.ts';
import { RUN_FORMATS, type RunFormat } from '../sink/run-formats.ts';

/** A file that the results of a run are written to. */
export interface RunOutput {
  readonly format: RunFormat;
  readonly path: string;
}

/** `FORMAT=PATH`. The folder has to be there: a run of hours must not end in a path that was wrong from the start. */
export function runOutput(value: string): RunOutput {
  const at = value.indexOf('=');
  const name = value.slice(0, Math.max(0, at));
  const path = value.slice(at + 1);
  const format = (Object.keys(RUN_FORMATS) as RunFormat[]).find((each) => each === name);
  if (format === undefined || path === '') {
    const near = didYouMean(name, Object.keys(RUN_FORMATS));
    throw new ExpectedError(
      'usage',
      `"${value}" is no FORMAT=PATH${near === undefined ? '' : `, did you mean ${near}=?`}`,
      `formats are ${Object.keys(RUN_FORMATS).join(', ')}`,
    );
  }
  const folder = dirname(path);
  if (!existsSync(folder) || !statSync(folder).isDirectory())
    throw new ExpectedError('usage', `the folder of ${path} does not exist`, `make it: mkdir -p ${folder}`);
  return { format, path };
}
