import { describe, expect, test } from 'vitest';
import type { Event, EventOf, Finding } from '../model/event.ts';
import { Emitter } from './emitter.ts';
import { IncidentLog } from './incident-log.ts';

/** What the log does with findings: `[id, second]`, with members of the finding that matter. */
class Run {
  readonly events: Event[] = [];
  readonly placed = new Map<string, { incident: string; related: readonly string[] }>();
  readonly #emitter = new Emitter({ run: 'r', startWall: 0, live: true, sink: (event) => this.events.push(event) });
  readonly log = new IncidentLog(this.#emitter);

  find(id: string, second: number, more: Partial<Finding> = {}): void {
    const place = this.log.place({ id, time: second });
    this.placed.set(id, place);
    const finding = { id, title: id, severity: 'major', matches: [], evidence: [], ...place, ...more };
    this.log.add(finding as unknown as Finding, second);
  }

  incident(id: string): string {
    return this.placed.get(id)?.incident ?? '';
  }

  get incidents(): EventOf<'incident'>[] {
    return this.events.filter((event) => event.event === 'incident');
  }

  /** `kind outcome members` of each event. */
  get story(): string[] {
    return this.incidents.map(({ kind, outcome, members }) => `${kind} ${outcome} ${members.join('+')}`);
  }
}

const match = (classification: string) => ({ matches: [{ classification }] as unknown as Finding['matches'] });

describe('IncidentLog', () => {
  test('the first finding opens an incident, those that follow join it and are related', () => {
    const run = new Run();
    run.find('a', 1);
    run.find('b', 5);
    run.find('c', 15);
    run.log.close('recovered', run.incident('a'));
    expect(run.story).toEqual(['opened open a', 'updated open a+b', 'updated open a+b+c', 'closed recovered a+b+c']);
    expect(new Set(['a', 'b', 'c'].map((id) => run.incident(id))).size).toBe(1);
    expect(run.placed.get('a')?.related).toEqual([]);
    expect(run.placed.get('c')?.related).toEqual(['a', 'b']);
    expect(new Set(run.incidents.map(({ cause }) => cause))).toEqual(new Set(['a']));
  });

  test('after a quiet time the next finding is another incident, and nothing was done about the first', () => {
    const run = new Run();
    run.find('a', 1);
    run.find('b', 11);
    run.find('c', 21.001);
    expect(run.story).toEqual(['opened open a', 'updated open a+b', 'closed not-attempted a+b', 'opened open c']);
    expect(run.incident('c')).not.toBe(run.incident('a'));
    expect(run.placed.get('c')?.related).toEqual([]);
  });

  test('after a recovery the next finding is another incident, however soon', () => {
    const run = new Run();
    run.find('a', 1);
    run.log.close('recovered');
    run.find('b', 1);
    expect(run.story).toEqual(['opened open a', 'closed recovered a', 'opened open b']);
  });

  test('a report that is complete later than that is still the same finding', () => {
    const run = new Run();
    run.find('a', 1, { title: 'as far as it is known', ...match('unknown') });
    run.find('a', 60, { title: 'the whole story', ...match('deadlock') });
    run.log.close('not-recovered');
    expect(run.story).toEqual(['opened open a', 'closed not-recovered a']);
    expect(run.placed.get('a')?.related).toEqual([]);
    expect(run.incidents.at(-1)).toMatchObject({ title: 'the whole story', classification: 'deadlock' });
  });

  test('what follows neither renames nor reclassifies, but may make it worse', () => {
    const run = new Run();
    run.find('a', 1, match('deadlock'));
    run.find('b', 2, { severity: 'fatal', ...match('kernel-panic') });
    run.find('c', 3, { severity: 'minor' });
    expect(run.incidents.map(({ title, classification, severity }) => [title, classification, severity])).toEqual([
      ['a', 'deadlock', 'major'],
      ['a', 'deadlock', 'fatal'],
      ['a', 'deadlock', 'fatal'],
    ]);
  });

  test('the complete report may be worse than it looked, which is an update without a new member', () => {
    const run = new Run();
    run.find('a', 1);
    run.find('a', 2, { severity: 'critical' });
    run.find('a', 3, { severity: 'critical' });
    expect(run.story).toEqual(['opened open a', 'updated open a']);
  });

  test('closing when none is open, or another one is meant, does nothing', () => {
    const run = new Run();
    run.log.close('recovered');
    run.find('a', 1);
    run.log.close('recovered', 'other');
    expect(run.story).toEqual(['opened open a']);
  });

  test('a flood of findings is one incident of bounded size', () => {
    const run = new Run();
    for (let i = 0; i < 5000; i++) run.find(`f${i}`, i / 1000);
    run.log.close('recovered');
    expect(run.incidents.length).toBeLessThan(110);
    expect(Math.max(...run.incidents.map((event) => JSON.stringify(event).length))).toBeLessThan(5000);
    expect(Math.max(...[...run.placed.values()].map(({ related }) => related.length))).toBe(100);
    expect(new Set([...run.placed.values()].map(({ incident }) => incident)).size).toBe(1);
  });
});
