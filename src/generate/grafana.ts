import { METRICS, type MetricName, type MetricRow, PANELS, type Panel } from '../metrics/table.ts';

const ROWS = Object.entries(METRICS) as readonly [MetricName, MetricRow][];
/** Two charts beside each other fill the 24 columns of a dashboard. */
const WIDTH = 12;
const HEIGHT = 8;

/** Grafana's names of units (grafana.com, field options). */
const UNITS: Readonly<Record<MetricRow['unit'], string>> = {
  count: 'short',
  seconds: 's',
  bytes: 'bytes',
  'bytes-per-second': 'Bps',
  ratio: 'percentunit',
  timestamp: 'dateTimeFromNow',
};

/** Chosen by who looks at it. */
const SELECTOR = '{job=~"$job", instance=~"$instance"}';
const DATASOURCE = { type: 'prometheus', uid: '$datasource' };

/** A dashboard for Grafana as JSON: a chart for each metric of the table that has a panel, queries by the type of the metric. */
export function grafanaDashboard(): string {
  const dashboard = {
    uid: 'vexfs-trace',
    title: 'vexfs-trace',
    tags: ['vexfs-trace'],
    timezone: 'browser',
    schemaVersion: 39,
    editable: true,
    refresh: '30s',
    time: { from: 'now-3h', to: 'now' },
    templating: { list: [datasource(), variable('job'), variable('instance')] },
    panels: panels(),
  };
  return `${JSON.stringify(dashboard, null, 2)}\n`;
}

/** What a metric is asked with, a series each. */
export function queriesOf(name: MetricName): readonly { readonly expr: string; readonly legend: string }[] {
  const { type, labels }: MetricRow = METRICS[name];
  const legend = labels.map((label) => `{{${label}}}`).join(' ');
  const by = labels.length === 0 ? '' : ` by (${labels.join(', ')})`;
  if (type === 'counter') return [{ expr: `sum${by} (increase(${name}${SELECTOR}[$__rate_interval]))`, legend }];
  if (type === 'gauge')
    return [
      { expr: labels.includes('machine') ? `max${by} (${name}${SELECTOR})` : `sum (${name}${SELECTOR})`, legend },
    ];
  return [0.5, 0.95].map((quantile) => ({
    expr: `histogram_quantile(${quantile}, sum by (${['le', ...labels].join(', ')}) (rate(${name}_bucket${SELECTOR}[$__rate_interval])))`,
    legend: `${legend} p${100 * quantile}`.trim(),
  }));
}

function panels(): object[] {
  const all: object[] = [];
  let y = 0;
  for (const panel of PANELS) {
    all.push({
      id: all.length + 1,
      type: 'row',
      title: panel,
      collapsed: false,
      gridPos: { x: 0, y, w: 24, h: 1 },
      panels: [],
    });
    y += 1;
    const names = namesOf(panel);
    for (const [i, name] of names.entries())
      all.push(
        chart(all.length + 1, name, { x: (i % 2) * WIDTH, y: y + Math.floor(i / 2) * HEIGHT, w: WIDTH, h: HEIGHT }),
      );
    y += Math.ceil(names.length / 2) * HEIGHT;
  }
  return all;
}

function namesOf(panel: Panel): MetricName[] {
  return ROWS.filter(([, row]) => row.panel === panel).map(([name]) => name);
}

function chart(id: number, name: MetricName, gridPos: object): object {
  const { help, unit, type }: MetricRow = METRICS[name];
  return {
    id,
    type: 'timeseries',
    title: help.replace(/\.$/, ''),
    description: name,
    datasource: DATASOURCE,
    gridPos,
    fieldConfig: {
      defaults: {
        unit: UNITS[unit],
        min: 0,
        ...(unit === 'ratio' && { max: 1 }),
        custom:
          type === 'counter'
            ? { drawStyle: 'bars', fillOpacity: 80, stacking: { mode: 'normal' } }
            : { drawStyle: 'line' },
      },
      overrides: [],
    },
    options: { legend: { displayMode: 'list', placement: 'bottom' }, tooltip: { mode: 'multi' } },
    targets: queriesOf(name).map(({ expr, legend }, i) => ({
      refId: String.fromCharCode(65 + i),
      datasource: DATASOURCE,
      expr,
      legendFormat: legend === '' ? name : legend,
    })),
  };
}

function datasource(): object {
  return { name: 'datasource', type: 'datasource', query: 'prometheus', label: 'Data source', current: {} };
}

function variable(name: string): object {
  return {
    ...{ name, type: 'query', datasource: DATASOURCE, includeAll: true, multi: true, refresh: 2, allValue: '.*' },
    query: { query: `label_values(vexfs_trace_build_info, ${name})`, refId: name },
  };
}
