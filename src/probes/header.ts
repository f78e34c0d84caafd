import type { EngineName, Need, Probe, ProbeMap, ProbeProblem, ProbeRecord } from './probe.ts';

type Draft = { -readonly [K in 'needs' | 'maps' | 'records' | 'sets']: Probe[K][number][] } & {
  cost: Probe['cost'] | undefined;
  costReason: string;
};

/**
 * Reads a probe's header, the first comment of the file (probes/README.md describes it). Problems instead of a probe when it is
 * not right: a wrong header would make its records unreadable.
 */
export function parseProbe(
  name: string,
  text: string,
  engine: EngineName = 'bpftrace',
): { probe: Probe | null; problems: ProbeProblem[] } {
  const problems: ProbeProblem[] = [];
  const lines = headerLines(text);
  const title = /^(\S+) - (.+)$/.exec(lines[0]?.text ?? '');
  if (!title || title[1] !== name)
    problems.push({ line: 2, message: `the header must begin with "${name} - what it shows"` });
  const draft: Draft = { needs: [], maps: [], records: [], sets: [], cost: undefined, costReason: '' };
  for (const { line, text: row } of lines.slice(1)) {
    if (row === '') continue;
    const found = /^([a-z]+):\s+(.*)$/.exec(row);
    const read = found?.[1] !== undefined && Object.hasOwn(ROWS, found[1]) ? ROWS[found[1]] : undefined;
    const message = read
      ? read(draft, found?.[2] ?? '')
      : `unknown header line "${row}"; known: ${Object.keys(ROWS).join(', ')}`;
    if (message !== null) problems.push({ line, message });
  }
  if (draft.cost === undefined) problems.push({ line: 2, message: 'the header has no "cost:"' });
  if (draft.maps.length + draft.records.length === 0)
    problems.push({ line: 2, message: 'neither "map:" nor "record:"' });
  const { cost, ...rest } = draft;
  if (problems.length > 0 || cost === undefined) return { probe: null, problems };
  return { probe: { name, engine, title: title?.[2] ?? '', ...rest, cost, text }, problems };
}

/** A line that says the licence may come first. */
function headerLines(text: string): { line: number; text: string }[] {
  const lines = text.split('\n');
  const first = lines[0]?.startsWith('//') ? 1 : 0;
  const end = lines.findIndex((line) => line.includes('*/'));
  if (!lines[first]?.startsWith('/*') || end < 0) return [];
  return lines
    .slice(first + 1, end)
    .map((row, i) => ({ line: first + i + 2, text: row.replace(/^\s*\*?/, '').trim() }));
}

/** Each takes the row's text into the draft; a sentence when it cannot. */
const ROWS: Readonly<Record<string, (draft: Draft, text: string) => string | null>> = {
  needs: (draft, text) => {
    const found = /^(?:(event|config|version) (\S+)|(kprobe) (\w+)((?: or \w+)*)|(btf|interface))$/.exec(text);
    if (!found)
      return `"needs: ${text}" must be: event SUBSYSTEM:NAME, kprobe FUNCTION or OTHER, config CONFIG_NAME, version 0.20, btf or interface`;
    const [, kind, name, kprobe, fn = '', others = '', bare] = found;
    const or = words(others).filter((word) => word !== 'or');
    if (kprobe) draft.needs.push({ kind: 'kprobe', name: fn, ...(or.length > 0 && { or }) });
    else draft.needs.push({ kind: kind ?? bare, name: name ?? '' } as Need);
    return null;
  },
  map: (draft, text) => {
    const found = /^(@?\w+) (hist|lhist|count|sum|avg|stats|max|min|lost)((?: \w+)*) \| (.+)$/.exec(text);
    if (!found) return `"map: ${text}" must be: @name KIND key… | meaning`;
    const [, name = '', type = '', key = '', meaning = ''] = found;
    draft.maps.push({ name, type, key: words(key), meaning } satisfies ProbeMap);
    return null;
  },
  record: (draft, text) => {
    const found = /^([a-z][a-z0-9-]*) (nsecs cpu tid(?: \w+)*) \| (.+)$/.exec(text);
    if (!found) return `"record: ${text}" must be: tag nsecs cpu tid field… | meaning`;
    const [, tag = '', fields = '', meaning = ''] = found;
    const names = words(fields);
    if (names.slice(0, -1).includes('comm')) return `record ${tag}: comm must come last, it may hold blanks`;
    draft.records.push({ tag, fields: names, meaning } satisfies ProbeRecord);
    return null;
  },
  cost: (draft, text) => {
    const found = /^(low|medium|high) \| (.+)$/.exec(text);
    if (!found) return `"cost: ${text}" must be: low, medium or high | why`;
    draft.cost = found[1] as Probe['cost'];
    draft.costReason = found[2] ?? '';
    return null;
  },
  set: (draft, text) => {
    draft.sets.push(...words(text));
    return null;
  },
};

function words(text: string): string[] {
  return text.split(' ').filter((word) => word !== '');
}
