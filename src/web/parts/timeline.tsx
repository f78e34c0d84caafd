import type { IncidentItem, MilestoneItem } from '../../model/dashboard.ts';
import { clock, shown, span } from '../words.ts';
import { moodOf } from './badge.tsx';

interface TimelineProps {
  readonly seconds: number;
  readonly incidents: readonly IncidentItem[];
  readonly milestones: readonly MilestoneItem[];
  readonly onPick: (incident: IncidentItem) => void;
}

const WIDTH = 1000;
const LANES = 5;
const LANE = 18;
const TOP = 24;
/** Dots that are drawn; a run of days has many more. */
const MAX_DOTS = 400;

/** Incidents as bars over the time of a recording, with what happened to the guest above. */
export function Timeline({ seconds, incidents, milestones, onPick }: TimelineProps) {
  const total = Math.max(seconds, 1);
  const x = (at: number) => (at / total) * WIDTH;
  const lanes: number[] = [];
  const bars = incidents.map((incident) => {
    const from = x(incident.at);
    const to = Math.max(from + 7, x(incident.end ?? total));
    let lane = lanes.findIndex((end) => end <= from);
    if (lane < 0) lane = lanes.length < LANES ? lanes.length : lanes.indexOf(Math.min(...lanes));
    lanes[lane] = to + 2;
    return { incident, from, to, lane };
  });
  const height = TOP + Math.max(1, lanes.length) * LANE + 8;
  const dots = milestones.filter(({ what }) => what.startsWith('guest')).slice(0, MAX_DOTS);
  return (
    <figure class="timeline">
      <figcaption>
        Timeline <span class="dim">{span(seconds)}</span>
      </figcaption>
      <svg viewBox={`0 0 ${WIDTH} ${height}`} preserveAspectRatio="none">
        <title>Incidents over time</title>
        <line x1="0" x2={WIDTH} y1="12" y2="12" class="axis" />
        {dots.map(({ at, what, text }, i) => (
          <line key={i} x1={x(at)} x2={x(at)} y1="6" y2="18" class={what === 'guest fault' ? 'tick fault' : 'tick'}>
            <title>{`${clock(at)} ${shown(what)}: ${shown(text, 200)}`}</title>
          </line>
        ))}
        {bars.map(({ incident, from, to, lane }) => (
          // biome-ignore lint/a11y/useSemanticElements: a bar of a drawing is no button element
          <rect
            key={incident.id}
            x={from}
            width={to - from}
            y={TOP + lane * LANE}
            height={LANE - 5}
            rx="3"
            class={`bar ${moodOf(incident.outcome)}`}
            role="button"
            tabIndex={0}
            aria-label={`${clock(incident.at)} ${shown(incident.title, 120)}: ${incident.outcome}`}
            onClick={() => onPick(incident)}
            onKeyDown={({ key }) => key === 'Enter' && onPick(incident)}
          >
            <title>{`${clock(incident.at)} ${shown(incident.title, 200)}: ${incident.outcome}`}</title>
          </rect>
        ))}
      </svg>
      <div class="ends">
        <span>0</span>
        <span>{span(seconds)}</span>
      </div>
    </figure>
  );
}
