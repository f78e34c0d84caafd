import { describe, expect, test } from 'vitest';
import type { Event, Finding } from '../model/event.ts';
import { SymbolStage } from './symbol-stage.ts';

/** Events as the stage looks at them. */
const finding = (seq: number, more: object = {}) =>
  ({ event: 'crash', seq, final: true, stacks: [{}], guiltyFile: '', title: '', ...more }) as unknown as Event;
const incident = (seq: number) => ({ event: 'incident', seq }) as unknown as Event;

/** Findings are symbolized when the test says so. */
function open(maxWaiting?: number) {
  const shown: string[] = [];
  const warnings: string[] = [];
  const asked: number[] = [];
  const answers: (() => void)[] = [];
  const stage = new SymbolStage({
    symbolize: (finding) => {
      asked.push(finding.seq);
      return new Promise<Finding>((resolve) => answers.push(() => resolve({ ...finding, title: 'with lines' })));
    },
    ...(maxWaiting !== undefined && { maxWaiting }),
    warn: (message) => warnings.push(message),
  });
  const push = (...events: Event[]) => {
    for (const event of events)
      stage.event(event, (event) => shown.push(`${event.seq} ${'title' in event ? event.title : event.event}`.trim()));
  };
  const answer = async () => {
    while (answers.length === 0) await new Promise(setImmediate);
    answers.shift()?.();
  };
  return { stage, shown, warnings, asked, push, answer };
}

describe('events before their symbols are there', () => {
  test('pass at once while nothing waits: what is no finding, not complete, or has no stack', () => {
    const { shown, asked, push } = open();
    push(incident(0), finding(1, { final: false }), finding(2, { stacks: [] }));
    expect(shown).toEqual(['0 incident', '1', '2']);
    expect(asked).toEqual([]);
  });

  test('wait for those before them, and come in their order', async () => {
    const { stage, shown, push, answer } = open();
    push(finding(0), incident(1), finding(2), incident(3));
    stage.inOrder(() => shown.push('end'));
    expect(shown).toEqual([]);
    await answer();
    await answer();
    await stage.drain();
    expect(shown).toEqual(['0 with lines', '1 incident', '2 with lines', '3 incident', 'end']);
    push(incident(4));
    expect(shown.at(-1)).toBe('4 incident');
  });

  test('do not hold up a reader until many wait', async () => {
    const { stage, push, answer } = open();
    push(finding(0));
    await stage.room();
    for (let seq = 1; seq < 100; seq++) push(incident(seq));
    let roomy = false;
    const room = stage.room().then(() => {
      roomy = true;
    });
    await new Promise(setImmediate);
    expect(roomy).toBe(false);
    await answer();
    await room;
  });

  test('come as they are when too many wait, in their order, and that is said once', async () => {
    const { stage, shown, warnings, asked, push, answer } = open(2);
    push(finding(0), finding(1), finding(2), finding(3));
    expect(warnings).toEqual(['findings come faster than they can be symbolized; some are shown without lines']);
    await answer();
    await answer();
    await stage.drain();
    expect(shown).toEqual(['0 with lines', '1 with lines', '2', '3']);
    expect(asked).toEqual([0, 1]);
  });

  test('are shown as they are when symbolizing fails, and the run ends with that error', async () => {
    const shown: Event[] = [];
    const stage = new SymbolStage({ symbolize: () => Promise.reject(new Error('a bug')), warn: () => {} });
    // Its file is known without a stack, so that somebody may be found who maintains it.
    const event = finding(0, { stacks: [], guiltyFile: 'fs/a.c' });
    stage.event(event, (event) => shown.push(event));
    await expect(stage.drain()).rejects.toThrow('a bug');
    expect(shown).toEqual([event]);
  });

  test('whose delivery fails end the run with that error, and the others are delivered', async () => {
    const { stage, shown, push, answer } = open();
    push(finding(0));
    stage.inOrder(() => {
      throw new Error('the disk is full');
    });
    push(incident(1));
    await answer();
    await expect(stage.drain()).rejects.toThrow('the disk is full');
    await expect(stage.room()).rejects.toThrow('the disk is full');
    expect(shown).toEqual(['0 with lines', '1 incident']);
  });
});
