import { atLeast, SEVERITIES } from '../model/classification.ts';
import { count } from '../sink/summary-lines.ts';
import type { Incident, Recording, Story } from './story.ts';

export type Mood = 'good' | 'warn' | 'bad';

export interface StoryVerdict {
  readonly mood: Mood;
  /** One line for people. */
  readonly text: string;
}

/** What a run or recording comes to. Faults that were put in on purpose spoil nothing when they were mended. */
export function verdictOf({ run, recordings }: Story): StoryVerdict {
  const incidents = recordings.flatMap((recording) => recording.incidents);
  const broken = incidents.filter(({ outcome }) => outcome === 'not-recovered').length;
  const unfinished = broken === 0 ? '' : `; ${count(broken, 'incident')} not recovered`;
  if (run !== undefined) {
    const { counts, tests, planned, strays } = run;
    const wrong = [
      counts.FAIL > 0 ? `${count(counts.FAIL, 'test')} failed` : '',
      counts.ERROR > 0 ? `${counts.ERROR} not carried through` : '',
      strays.length > 0 ? `${count(strays.length, 'finding')} between tests` : '',
    ].filter((part) => part !== '');
    if (wrong.length > 0) return { mood: 'bad', text: `${wrong.join(', ')}${unfinished}` };
    if (tests.length < planned)
      return { mood: 'warn', text: `${tests.length} of ${count(planned, 'test')} carried out, none of them failed` };
    const right = counts.PASS + counts.DONE;
    const not = counts.MISS + counts.SKIP;
    return {
      mood: right === 0 ? 'warn' : 'good',
      text: `no test failed: ${right} of ${tests.length} right${not > 0 ? `, ${not} without a verdict on the code` : ''}`,
    };
  }
  const findings = recordings.reduce((sum, recording) => sum + recording.findings, 0);
  if (findings === 0 && incidents.length === 0) return { mood: 'good', text: 'nothing found' };
  const all = recordings.reduce((sum, recording) => sum + recording.incidentCount, 0);
  const recovered = incidents.filter(({ outcome }) => outcome === 'recovered').length;
  const text = `${count(findings, 'finding')} in ${count(all, 'incident')}, ${recovered} recovered${unfinished}`;
  const bad = incidents.some(({ severity, fault }) => atLeast(severity, 'major') && fault === undefined);
  return { mood: broken > 0 || bad ? 'bad' : 'warn', text };
}

/** Of which recording an incident is. */
export interface Placed {
  readonly incident: Incident;
  readonly recording: Recording;
  /** What the page calls it. */
  readonly anchor: string;
}

/** The worst first; what was put in on purpose behind what was not. */
export function ranked({ recordings }: Story): readonly Placed[] {
  return recordings
    .flatMap((recording, r) =>
      recording.incidents.map((incident, i) => ({ incident, recording, anchor: `incident-${r + 1}-${i + 1}` })),
    )
    .sort(
      (a, b) =>
        Number(onPurpose(a.incident)) - Number(onPurpose(b.incident)) ||
        SEVERITIES.indexOf(a.incident.severity) - SEVERITIES.indexOf(b.incident.severity),
    );
}

function onPurpose({ fault, outcome }: Incident): boolean {
  return fault !== undefined && outcome === 'recovered';
}

/** Words and mood of an outcome. */
export const OUTCOMES: Readonly<Record<Incident['outcome'], readonly [text: string, mood: Mood]>> = {
  recovered: ['recovered', 'good'],
  'not-recovered': ['not recovered', 'bad'],
  'not-attempted': ['no recovery attempted', 'warn'],
  open: ['still open at the end', 'warn'],
};
