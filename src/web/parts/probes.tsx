import type { ProbeItem } from '../../model/dashboard.ts';
import { count, formatBytes, formatMs, shown } from '../words.ts';

type Row = ProbeItem['rows'][number];
type Format = (value: number) => string;

/** What a probe counts is said by the end of its name. */
const UNITS: readonly (readonly [end: string, format: Format])[] = [
  ['_ns', nanoseconds],
  ['_us', (value) => nanoseconds(value * 1000)],
  ['_ms', formatMs],
  ['bytes', formatBytes],
];

export function Probes({ probes }: { readonly probes: readonly ProbeItem[] }) {
  if (probes.length === 0) return <p class="note dim">No probe has counted anything here.</p>;
  return (
    <div class="cards">
      {probes.map((probe) => (
        <Probe key={probe.name} probe={probe} />
      ))}
    </div>
  );
}

function Probe({ probe: { name, kind, rows } }: { readonly probe: ProbeItem }) {
  const format = UNITS.find(([end]) => name.endsWith(end))?.[1] ?? count;
  const most = Math.max(1, ...rows.map(({ value = 0 }) => Math.abs(value)));
  return (
    <section class="card probe" data-row tabIndex={-1}>
      <h3>
        <code>{shown(name, 80)}</code>
      </h3>
      {kind === 'hist' ? (
        rows.slice(0, 8).map((row) => <Histogram key={row.key} row={row} format={format} />)
      ) : (
        <table class="bars">
          <tbody>
            {rows.slice(0, 12).map(({ key, value = 0 }) => (
              <tr key={key}>
                <th scope="row">{shown(key, 60)}</th>
                <td class="num">{format(value)}</td>
                <td class="fill">
                  <meter min={0} max={most} value={Math.abs(value)} aria-hidden="true" />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {rows.length > (kind === 'hist' ? 8 : 12) && (
        <p class="dim">and {rows.length - (kind === 'hist' ? 8 : 12)} more</p>
      )}
    </section>
  );
}

const HEIGHT = 44;

function Histogram({ row: { key, buckets = [] }, format }: { readonly row: Row; readonly format: Format }) {
  const most = Math.max(1, ...buckets.map((bucket) => bucket.count));
  const total = buckets.reduce((sum, bucket) => sum + bucket.count, 0);
  const [first, last] = [buckets[0], buckets.at(-1)];
  const name = `${shown(key, 60) || 'all'}: ${count(total)}`;
  return (
    <figure class="histogram">
      <figcaption>
        <span>{shown(key, 60) || 'all'}</span> <span class="dim">{count(total)}</span>
      </figcaption>
      <svg
        viewBox={`0 0 ${Math.max(buckets.length, 1) * 10} ${HEIGHT}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={name}
      >
        {buckets.map((bucket, i) => {
          const height = (bucket.count / most) * (HEIGHT - 2);
          return (
            <rect key={i} x={i * 10 + 1} width="8" y={HEIGHT - height} height={height} class="fill">
              <title>{`${ends(bucket, format)}: ${count(bucket.count)}`}</title>
            </rect>
          );
        })}
      </svg>
      <div class="ends">
        <span>{first === undefined || first.min === null ? '' : format(first.min)}</span>
        <span>{last === undefined || last.max === null ? '' : format(last.max)}</span>
      </div>
    </figure>
  );
}

function ends({ min, max }: { readonly min: number | null; readonly max: number | null }, format: Format): string {
  return `${min === null ? '' : format(min)} to ${max === null ? 'above' : format(max)}`;
}

function nanoseconds(value: number): string {
  if (value < 1000) return `${Math.round(value)} ns`;
  if (value < 1e6) return `${(value / 1000).toFixed(value < 1e4 ? 1 : 0)} µs`;
  if (value < 1e9) return `${(value / 1e6).toFixed(value < 1e7 ? 1 : 0)} ms`;
  return `${(value / 1e9).toFixed(1)} s`;
}
