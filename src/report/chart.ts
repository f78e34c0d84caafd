import { type Content, html, type Markup } from './markup.ts';
import type { Curve, LatencyRow } from './metrics.ts';

/** Something that is marked in a chart over time, such as an incident. */
export interface Mark {
  readonly from: number;
  readonly to: number;
  readonly label: string;
  /** Where it leads. */
  readonly href: string;
}

interface ChartOptions {
  readonly title: string;
  readonly curves: readonly Curve[];
  /** A value of the vertical axis as text. */
  readonly unit: (value: number) => string;
  /** End of the horizontal axis, seconds. */
  readonly until: number;
  readonly marks: readonly Mark[];
}

const WIDTH = 720;
const HEIGHT = 200;
const PAD = { left: 64, right: 12, top: 12, bottom: 26 };
const INNER = { width: WIDTH - PAD.left - PAD.right, height: HEIGHT - PAD.top - PAD.bottom };
/** As many colours as the style has. */
const COLOURS = 6;
const MAX_MARKS = 100;

/** Curves over time as SVG, with incidents as links. Nothing when there is nothing to draw. */
export function timeChart({ title, curves, unit, until, marks }: ChartOptions): Content {
  const drawn = curves.filter(({ points }) => points.length > 0);
  if (drawn.length === 0) return '';
  const end = Math.max(until, 1);
  const top = niceTop(Math.max(...drawn.map(({ points }) => highest(points))));
  const x = (seconds: number) => px(PAD.left + (Math.min(seconds, end) / end) * INNER.width);
  const y = (value: number) => px(PAD.top + INNER.height - (Math.max(0, value) / top) * INNER.height);
  const label = `${title}: ${drawn.map(({ name, points }) => `${name} up to ${unit(highest(points))}`).join(', ')}`;
  return html`<figure class="chart"><figcaption>${title}${legend(drawn)}</figcaption>
<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${label}">
${[0, 0.25, 0.5, 0.75, 1].map((part) => gridLine(y(part * top), unit(part * top)))}
${ticks(end).map((at) => html`<text class="tick" x="${x(at)}" y="${HEIGHT - 8}" text-anchor="middle">${clock(at)}</text>`)}
${marks.slice(0, MAX_MARKS).map((mark) => markOf(mark, x))}
${drawn.map(({ points }, i) => curveOf(points, i, x, y))}
</svg></figure>
`;
}

/** Median, 99th percentile and worst of operations as bars on a logarithmic scale. Values are microseconds. */
export function latencyChart(title: string, rows: readonly LatencyRow[]): Content {
  if (rows.length === 0) return '';
  const row = 18;
  const left = 150;
  const worst = Math.max(10, ...rows.map(({ worst }) => worst));
  const width = WIDTH - left - 90;
  const x = (value: number) => px((Math.log10(Math.max(1, value)) / Math.log10(worst)) * width);
  const height = rows.length * row + 8;
  return html`<figure class="chart"><figcaption>${title}<span class="key">median, 99th percentile and worst, logarithmic</span></figcaption>
<svg viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${title}">
${rows.map(({ name, count, median, p99, worst }, i) => {
  const y = 4 + i * row;
  const said = `${name}: ${count} times, median ${micros(median)}, 99 % within ${micros(p99)}, worst ${micros(worst)}`;
  return html`<g><title>${said}</title><text class="tick" x="${left - 6}" y="${y + 12}" text-anchor="end">${clip(name)}</text><rect class="bar worst" x="${left}" y="${y + 2}" width="${x(worst)}" height="12"/><rect class="bar p99" x="${left}" y="${y + 2}" width="${x(p99)}" height="12"/><rect class="bar median" x="${left}" y="${y + 2}" width="${x(median)}" height="12"/><text class="tick" x="${left + x(worst) + 4}" y="${y + 12}">${micros(worst)}</text></g>
`;
})}</svg></figure>
`;
}

function legend(curves: readonly Curve[]): Content {
  return curves.map(({ name }, i) => html` <span class="key"><i class="c${i % COLOURS}"></i>${name}</span>`);
}

function gridLine(y: number, text: string): Markup {
  return html`<line class="grid" x1="${PAD.left}" x2="${WIDTH - PAD.right}" y1="${y}" y2="${y}"/><text class="tick" x="${PAD.left - 6}" y="${y + 4}" text-anchor="end">${text}</text>`;
}

function markOf({ from, to, label, href }: Mark, x: (seconds: number) => number): Markup {
  const width = Math.max(2, px(x(to) - x(from)));
  return html`<a href="${href}"><title>${label}</title><rect class="mark" x="${x(from)}" y="${PAD.top}" width="${width}" height="${INNER.height}"/></a>
`;
}

function curveOf(
  points: Curve['points'],
  i: number,
  x: (seconds: number) => number,
  y: (value: number) => number,
): Markup {
  const [first] = points;
  if (points.length === 1 && first !== undefined)
    return html`<circle class="curve c${i % COLOURS}" cx="${x(first[0])}" cy="${y(first[1])}" r="3"/>`;
  const path = points.map(([at, value], j) => `${j === 0 ? 'M' : 'L'}${x(at)} ${y(value)}`).join('');
  return html`<path class="curve c${i % COLOURS}" d="${path}"/>
`;
}

function highest(points: Curve['points']): number {
  return points.reduce((most, [, value]) => Math.max(most, value), 0);
}

/** 1, 2 or 5 times a power of ten. */
function niceTop(value: number): number {
  if (!(value > 0) || !Number.isFinite(value)) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return ([1, 2, 5, 10].find((step) => step * power >= value) ?? 10) * power;
}

function ticks(end: number): number[] {
  return [0, 0.2, 0.4, 0.6, 0.8].map((part) => Math.round(part * end));
}

/** `0:42`, `1:02:03`. */
export function clock(seconds: number): string {
  const whole = Math.floor(seconds);
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  const rest = String(whole % 60).padStart(2, '0');
  return hours > 0 ? `${hours}:${String(minutes).padStart(2, '0')}:${rest}` : `${minutes}:${rest}`;
}

/** Microseconds for people. */
export function micros(value: number): string {
  if (value < 1000) return `${Math.round(value)} µs`;
  return value < 1e6 ? `${(value / 1e3).toFixed(1)} ms` : `${(value / 1e6).toFixed(1)} s`;
}

function px(value: number): number {
  return Math.round(value * 10) / 10;
}

function clip(name: string): string {
  return name.length > 22 ? `${name.slice(0, 21)}…` : name;
}
