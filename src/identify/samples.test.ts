import { describe, expect, test } from 'vitest';
import { SAMPLE_REPORTS } from '../grammar/samples/samples.ts';
import { finalReports, stamped } from '../grammar/testing.ts';
import { detailsSchema } from '../model/details/details.ts';
import { identify } from './identify.ts';

describe('a report of the kernel is read whole', () => {
  test.each(SAMPLE_REPORTS.map((sample) => [sample.name, sample] as const))('%s', (_, sample) => {
    const found = finalReports(stamped(sample.text)).map(identify);
    expect(found.map(({ title }) => title)).toEqual([sample.title]);
    const [report] = found;
    expect(report).toMatchObject({ kind: sample.kind, corrupted: false, corruptedReason: '' });
    expect(report?.details).toMatchObject(sample.details);
    if (sample.roles) expect(report?.stacks.map(({ role }) => role)).toEqual(sample.roles);
    expect(detailsSchema.parse(report?.details)).toEqual(report?.details);
  });

  const RENAMED = [
    ['vexfs', 'quxfs'],
    ['VEXFS', 'QUXFS'],
    ['vexload', 'quxload'],
    ['ffff888003456', 'ffff888009876'],
  ] as const;
  const renamed = (text: string): string => RENAMED.reduce((all, [from, to]) => all.replaceAll(from, to), text);

  test.each(SAMPLE_REPORTS.map((sample) => [sample.name, sample] as const))(
    '%s, with other functions, modules, tasks and addresses: nothing else changes',
    (_, sample) => {
      const facts = (text: string) =>
        finalReports(stamped(text))
          .map(identify)
          .map(({ fingerprint, ...identity }) => identity);
      expect(facts(renamed(sample.text))).toEqual(JSON.parse(renamed(JSON.stringify(facts(sample.text)))));
    },
  );

  test('all of them in one log, half a minute apart', () => {
    const log = SAMPLE_REPORTS.map(({ text }, at) => stamped(text, 31 + at * 30)).join('');
    const titles = finalReports(log).map((report) => identify(report).title);
    expect(titles).toEqual(SAMPLE_REPORTS.map(({ title }) => title));
  });

  test('names are unique', () => {
    expect(new Set(SAMPLE_REPORTS.map(({ name }) => name)).size).toBe(SAMPLE_REPORTS.length);
  });
});
