import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import type { Curve } from '../../model/dashboard.ts';
import { shown } from '../words.ts';

interface ChartProps {
  readonly title: string;
  readonly curves: readonly Curve[];
  /** How long the recording is: all charts have the same axis. */
  readonly seconds: number;
  readonly format: (value: number) => string;
  /** Stretches in which something was wrong, seconds. */
  readonly marks: readonly (readonly [from: number, to: number])[];
}

const HEIGHT = 170;

/** Curves over the time of a recording; all charts of a page share the place that is pointed at. */
export function Chart({ title, curves, seconds, format, marks }: ChartProps) {
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | undefined>(undefined);
  const names = curves.map(({ name }) => name).join('\n');
  const latest = useRef({ curves, marks, seconds });
  latest.current = { curves, marks, seconds };

  useEffect(() => {
    const element = box.current;
    if (element === null || names === '') return;
    const draw = () => {
      plot.current?.destroy();
      const now = latest.current;
      plot.current = new uPlot(
        options(element, now.curves, format, () => latest.current.marks),
        dataOf(now.curves, now.seconds),
        element,
      );
    };
    draw();
    const observer = new ResizeObserver(() => plot.current?.setSize({ width: element.clientWidth, height: HEIGHT }));
    observer.observe(element);
    const dark = matchMedia('(prefers-color-scheme: dark)');
    document.addEventListener('themechange', draw);
    dark.addEventListener('change', draw);
    return () => {
      observer.disconnect();
      document.removeEventListener('themechange', draw);
      dark.removeEventListener('change', draw);
      plot.current?.destroy();
      plot.current = undefined;
    };
  }, [names, format]);
  useEffect(() => plot.current?.setData(dataOf(curves, seconds)), [curves, seconds]);

  if (names === '') return null;
  return (
    <figure class="chart">
      <figcaption>{title}</figcaption>
      <div ref={box} role="img" aria-label={`${title}: ${summary(curves, format)}`} />
    </figure>
  );
}

function summary(curves: readonly Curve[], format: (value: number) => string): string {
  return curves
    .map(({ name, points }) => {
      const values = points.map(([, value]) => value);
      return `${shown(name, 60)} up to ${format(Math.max(0, ...values))}`;
    })
    .join(', ');
}

/** One axis of time for all curves, as the plot wants it. */
function dataOf(curves: readonly Curve[], seconds: number): uPlot.AlignedData {
  const ends: uPlot.AlignedData = [
    [0, Math.max(1, seconds)],
    [null, null],
  ];
  const all = curves.map(
    ({ points }): uPlot.AlignedData => [points.map(([at]) => at), points.map(([, value]) => value)],
  );
  const [times, , ...values] = uPlot.join([ends, ...all]);
  return [times, ...values];
}

function options(
  element: HTMLElement,
  curves: readonly Curve[],
  format: (value: number) => string,
  marks: () => ChartProps['marks'],
): uPlot.Options {
  const style = getComputedStyle(document.documentElement);
  const color = (name: string) => style.getPropertyValue(name).trim();
  const [line, dim, bad] = [color('--line'), color('--dim'), color('--mark')];
  const font = '11px system-ui, sans-serif';
  const axis = { stroke: dim, font, grid: { stroke: line, width: 1 }, ticks: { show: false } };
  return {
    width: element.clientWidth,
    height: HEIGHT,
    cursor: { sync: { key: 'time' }, y: false, drag: { x: true, y: false } },
    legend: { live: true },
    scales: { x: { time: false }, y: { range: (_, min, max) => [Math.min(0, min), max <= 0 ? 1 : max * 1.08] } },
    axes: [
      { ...axis, values: (_, ticks) => ticks.map((tick) => `${Math.round(tick * 10) / 10} s`) },
      { ...axis, size: 62, values: (_, ticks) => ticks.map(format) },
    ],
    series: [
      { label: 'at', value: (_, value) => (value === null ? '–' : `${value.toFixed(1)} s`) },
      ...curves.map(({ name }, i) => ({
        label: shown(name, 40),
        stroke: color(`--c${i % 6}`),
        width: 1.75,
        spanGaps: true,
        points: { show: false },
        value: (_: uPlot, value: number | null) => (value === null ? '–' : format(value)),
      })),
    ],
    hooks: {
      drawClear: [
        (plot) => {
          const { ctx, bbox } = plot;
          ctx.save();
          ctx.fillStyle = bad;
          for (const [from, to] of marks()) {
            const [left, right] = [plot.valToPos(from, 'x', true), plot.valToPos(to, 'x', true)];
            const start = Math.max(bbox.left, left);
            const width = Math.min(bbox.left + bbox.width, Math.max(right, left + 2)) - start;
            if (width > 0) ctx.fillRect(start, bbox.top, width, bbox.height);
          }
          ctx.restore();
        },
      ],
    },
  };
}
