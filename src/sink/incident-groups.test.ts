import { describe, expect, test } from 'vitest';
import type { Event } from '../model/event.ts';
import { type Group, IncidentGroups } from './incident-groups.ts';
import { FINDING } from './testing.ts';

const finding = (id: string, incident: string, title: string): Event => ({ ...FINDING, id, incident, title });
const closed = (incident: string): Event => ({
  ...{ schema: FINDING.schema, id: `closed ${incident}`, seq: 0, time: {}, evidence: [], incident },
  ...{ event: 'incident', kind: 'closed', cause: '', title: '', members: [] },
  ...{ classification: 'deadlock', severity: 'major', outcome: 'not-attempted' },
});

function groupsOf(act: (groups: IncidentGroups, push: (event: Event) => void) => void): string[] {
  const told: string[] = [];
  const groups = new IncidentGroups(0, ({ briefs, repeats, uncounted, continued }: Group) => {
    const more = `${repeats.length > 0 ? `, again ${repeats.length}` : ''}${uncounted > 0 ? ` and ${uncounted}` : ''}`;
    told.push(`${continued ? '… ' : ''}${briefs.map(({ title }) => title).join(', ')}${more}`);
  });
  act(groups, (event) => groups.event(event, {}));
  return told;
}

describe('incidents', () => {
  test('that overlap are told one after the other', () => {
    const told = groupsOf((_groups, push) => {
      for (const event of [finding('1', 'A', 'a1'), finding('2', 'B', 'b1'), finding('3', 'A', 'a2')]) push(event);
      push(closed('A'));
      push(finding('4', 'B', 'b2'));
      push(closed('B'));
    });
    expect(told).toEqual(['a1, a2', 'b1, b2']);
  });

  test('tell a title once and name what comes again', () => {
    const told = groupsOf((groups, push) => {
      for (let i = 0; i < 10; i++) push(finding(String(i), 'A', i % 3 === 0 ? 'often' : 'more often'));
      groups.end();
    });
    expect(told).toEqual(['often, more often, again 8']);
  });

  test('of any size take a bounded amount of memory', () => {
    const told = groupsOf((groups, push) => {
      for (let i = 0; i < 1000; i++) push(finding(String(i), 'A', `title ${i}`));
      groups.end();
    });
    expect(told[0]).toMatch(/^title 0, .*title 15, again 64 and 920$/);
  });

  test('go on after a pause', () => {
    const told = groupsOf((groups, push) => {
      push(finding('1', 'A', 'first'));
      groups.pause();
      groups.pause();
      push(finding('2', 'A', 'second'));
      push(finding('3', 'A', 'first'));
      push(closed('A'));
    });
    expect(told).toEqual(['first', '… second, again 1']);
  });

  test('that are never closed are told at the end', () => {
    const told = groupsOf((groups, push) => {
      push(finding('1', 'A', 'a'));
      push({ ...FINDING, id: '2', incident: undefined, title: 'alone' });
      groups.end();
      groups.end();
    });
    expect(told).toEqual(['a', 'alone']);
  });
});
