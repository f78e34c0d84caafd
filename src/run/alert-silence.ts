import { ulid } from 'ulid';
import { readSilences, silencesFile, writeSilences } from '../alert/silences.ts';
import { ExpectedError } from '../base/errors.ts';
import { escapeTerminal } from '../base/text.ts';

interface NewSilence {
  readonly rule: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly forMs: number;
  readonly comment: string;
}

/** Its id. */
export function addSilence({ rule, labels, forMs, comment }: NewSilence): string {
  const file = silencesFile();
  const now = Date.now();
  const id = ulid().slice(-8).toLowerCase();
  const until = new Date(now + forMs).toISOString();
  writeSilences(file, [...readSilences(file, now), { id, rule, labels: { ...labels }, until, comment }]);
  return id;
}

/** A line each; empty when there are none. */
export function listSilences(): string {
  return readSilences(silencesFile(), Date.now())
    .map(({ id, rule, labels, until, comment }) => {
      const where = Object.entries(labels).map(([name, value]) => `${name}=${value}`);
      return `${escapeTerminal([id, rule, ...where, `until ${until}`, comment].join('  ').trimEnd())}\n`;
    })
    .join('');
}

export function removeSilence(id: string): void {
  const file = silencesFile();
  const all = readSilences(file, Date.now());
  const left = all.filter((silence) => silence.id !== id);
  if (left.length === all.length)
    throw new ExpectedError('usage', `there is no silence ${id}`, 'see: vexfs-trace alerts silence --list');
  writeSilences(file, left);
}
