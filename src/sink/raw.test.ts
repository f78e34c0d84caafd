import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { packageRoot } from '../guest/paths.ts';
import { isFinding } from '../model/event.ts';
import { stepsOf } from '../run/testing-analyze.ts';
import { ABOUT, FINDING, render, type Step } from './testing.ts';

describe('raw', () => {
  test.each(['guests/kasan/uaf-read.console', 'guests/stock/rcu-stall.console', 'captures/null-deref/console.raw'])(
    'the reports of %s are its bytes',
    async (file) => {
      const log = readFileSync(join(packageRoot(), 'fixtures', file));
      const steps = await stepsOf([file]);
      const places = steps.flatMap((step) =>
        step !== 'pause' && 'event' in step && isFinding(step.event) ? step.event.evidence.slice(0, 1) : [],
      );
      expect(places.length).toBeGreaterThan(0);
      expect(render('raw', steps).equals(Buffer.concat(places.map((at) => log.subarray(at.byte, at.endByte))))).toBe(
        true,
      );
    },
  );

  test('carriage returns, invalid UTF-8 and control characters are left as they are', async () => {
    const report = readFileSync(join(packageRoot(), 'fixtures/guests/stock/warn.console'), 'latin1')
      .replaceAll('\n', '\r\n')
      .replaceAll('vexfs-agent', 'v\x1b[2J\xff\x00t');
    const steps: Step[] = [];
    const { analyze } = await import('../run/analyze.ts');
    const { Readable } = await import('node:stream');
    const bytes = Buffer.from(report, 'latin1');
    await analyze(['-'], Readable.from([bytes.subarray(0, 777), bytes.subarray(777)]), {
      ...{ patterns: [], keepRaw: true, warn: () => {} },
      onEvent: (event, about) => steps.push({ event, about }),
    });
    const [place] = steps.flatMap((step) => (step !== 'pause' && 'event' in step ? step.event.evidence : []));
    const raw = render('raw', steps);
    expect(raw.length).toBeGreaterThan(1000);
    expect(raw.equals(bytes.subarray(place?.byte, place?.endByte))).toBe(true);
    expect(raw.includes(Buffer.from('\x1b[2J\xff\x00t', 'latin1'))).toBe(true);
  });

  test('a terminal is shown control characters, not given them', () => {
    const raw = { bytes: Buffer.from('BUG: \x1b[2J\r\nnext\n'), missing: 0 };
    const text = render('raw', [{ event: FINDING, about: { raw } }], { terminal: true }).toString();
    expect(text).toBe('BUG: \\x1b[2J\\x0d\nnext\n');
  });

  test('a report without a line end is not glued to the next one', () => {
    const raw = { bytes: Buffer.from('one'), missing: 0 };
    const steps = [
      { event: FINDING, about: { raw } },
      { event: FINDING, about: ABOUT },
    ];
    expect(render('raw', steps).toString()).toMatch(/^one\n\[ {3}52/);
  });

  test('what is no longer kept is said', () => {
    const warnings: string[] = [];
    const about = { raw: { bytes: Buffer.from('the end\n'), missing: 9 } };
    render('raw', [{ event: FINDING, about }], { warn: (text) => warnings.push(text) });
    expect(warnings).toEqual(['logs/console.log:2-87: the first 9 bytes of the report are no longer kept']);
  });
});
