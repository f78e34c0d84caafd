import { describe, expect, test } from 'vitest';
import { EVIL } from '../sink/testing-evil.ts';
import { incidentKtap } from './incident-ktap.ts';
import { lkmlMail } from './lkml.ts';
import { runGithub } from './run-github.ts';
import { recordedWith, storyWith } from './testing.ts';

describe('a mail', () => {
  test('says what, where, how and the log, in 75 columns', () => {
    const mail = lkmlMail(storyWith('plain'));
    expect(mail).toMatchSnapshot();
    const log = mail.indexOf('Log of');
    for (const line of mail.slice(0, log).split('\n')) expect(line.length, line).toBeLessThanOrEqual(75);
  });

  test('goes to whom MAINTAINERS names, where that is an address', () => {
    const story = recordedWith('a.b@example.org');
    expect(lkmlMail(story)).toContain('To: linux-kernel@vger.kernel.org,\n a.b@example.org\n');
    expect(lkmlMail(recordedWith('x\nBcc: a@b'))).toMatch(/^To: linux-kernel@vger\.kernel\.org\nSubject: /);
  });

  test.each(Object.entries(EVIL))('%s adds no header and ends no mail', (_, evil) => {
    for (const mail of [lkmlMail(storyWith(evil)), lkmlMail(recordedWith(evil))]) {
      const [head = '', ...body] = mail.split('\n\n');
      expect(head.split('\n').map((line) => line.slice(0, line.indexOf(':')))).toEqual([
        ...['To', 'Subject', 'MIME-Version', 'Content-Type', 'Content-Transfer-Encoding'],
      ]);
      expect(head).toMatch(/^[\x20-\x7e\n]*$/);
      expect(body.join('\n\n')).not.toMatch(/^(From |\.$)/m);
      for (const line of mail.split('\n')) expect(Buffer.byteLength(line)).toBeLessThanOrEqual(998);
      expect(mail.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\u202e]/u);
    }
  });
});

describe('KTAP of a recording', () => {
  test('has a result for each incident, and one where there is none', () => {
    expect(incidentKtap(recordedWith('plain'))).toBe(
      'KTAP version 1\n1..1\n# critical, memory-corruption, recovered, after the fault plain was put in\nnot ok 1 plain\n',
    );
    expect(incidentKtap({ ...recordedWith('x'), recordings: [] })).toBe('KTAP version 1\n1..1\nok 1 nothing found\n');
  });

  test.each(Object.entries(EVIL))('%s is no result or directive', (_, evil) => {
    const text = incidentKtap(recordedWith(evil));
    expect(text.split('\n').filter((line) => /^(ok|not ok|Bail|1\.\.)/.test(line))).toHaveLength(2);
    expect(text.split('\n').filter((line) => line.startsWith('not ok') && line.includes('#'))).toEqual([]);
  });
});

describe('annotations of a run', () => {
  const run = (evil: string) => storyWith(evil).run as NonNullable<ReturnType<typeof storyWith>['run']>;

  test('are one for each failed test and each finding between tests', () => {
    expect(runGithub(run('plain'))).toBe(
      '::error title=FAIL files::plain%0Aplain!\n::error title=between tests::plain?\n',
    );
  });

  test('beyond ten the last says how many more', () => {
    const lines = runGithub({ ...run('x'), strays: Array.from({ length: 30 }, (_, i) => `s${i}`) })
      .trimEnd()
      .split('\n');
    expect(lines).toHaveLength(10);
    expect(lines.at(-1)).toBe('::error title=22 more::a step has room for 10 annotations');
  });

  test.each(Object.entries(EVIL))('%s is no command of its own', (_, evil) => {
    const lines = runGithub(run(evil)).trimEnd().split('\n');
    expect(lines).toHaveLength(2);
    for (const line of lines) expect(line).toMatch(/^::error title=[^:]*::/);
  });
});
