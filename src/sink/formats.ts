import { openGithub } from './github.ts';
import { openJson, openNdjson } from './json.ts';
import { openJunit } from './junit.ts';
import { openMarkdown } from './markdown.ts';
import { openRaw } from './raw.ts';
import { openSarif } from './sarif.ts';
import type { Format, OpenSink } from './sink.ts';
import { openTextReport } from './text-report.ts';

export const SINKS: Readonly<Record<Format, OpenSink>> = {
  text: openTextReport,
  json: openJson,
  ndjson: openNdjson,
  markdown: openMarkdown,
  junit: openJunit,
  sarif: openSarif,
  github: openGithub,
  raw: openRaw,
};
