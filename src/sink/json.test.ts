import { describe, expect, test } from 'vitest';
import { eventSchema } from '../model/event-schema.ts';
import { stepsOf } from '../run/testing-analyze.ts';
import { FINDING, LOG, render } from './testing.ts';

describe('JSON', () => {
  test('is one document with the events of the contract', async () => {
    const steps = await stepsOf(['guests/kasan/atomic-sleep.console', 'guests/stock/panic.console']);
    const document = JSON.parse(render('json', steps).toString());
    expect(document).toMatchObject({ schema: 'vexfs-trace/report/1', tool: { name: 'vexfs-trace', version: '1.2.3' } });
    expect(document.events.map((event: unknown) => eventSchema.parse(event))).toEqual(
      steps.flatMap((step) => (step !== 'pause' && 'event' in step ? [step.event] : [])),
    );
    expect(document.inputs.map(({ findings }: { findings: number }) => findings)).toEqual([2, 1]);
    expect(document.summary).toMatchObject({
      findings: 3,
      incidents: 2,
      bySeverity: { fatal: 1, major: 2 },
      byKind: [
        { kind: 'panic', severity: 'fatal', count: 1 },
        { kind: 'atomic-sleep', severity: 'major', count: 1 },
        { kind: 'lockdep-wait-context', severity: 'major', count: 1 },
      ],
      panicked: 1,
    });
  });

  test('is a document without events, too', () => {
    const { events, inputs, summary } = JSON.parse(render('json', [{ log: LOG }]).toString());
    expect({ events, inputs, findings: summary.findings }).toEqual({
      events: [],
      inputs: [{ ...LOG, findings: 0 }],
      findings: 0,
    });
  });

  test('is written as the events come', () => {
    const lines = render('json', [
      { event: FINDING, about: {} },
      { event: FINDING, about: {} },
    ])
      .toString()
      .split('\n');
    expect(lines.slice(1, 3).map((line) => JSON.parse(line.replace(/,$/, '')))).toEqual([FINDING, FINDING]);
  });

  test('NDJSON is the events and nothing else', async () => {
    const steps = await stepsOf(['guests/stock/panic.console']);
    const lines = render('ndjson', steps).toString().trimEnd().split('\n');
    expect(lines.map((line) => eventSchema.parse(JSON.parse(line)).event)).toEqual(['crash', 'incident', 'incident']);
  });
});
