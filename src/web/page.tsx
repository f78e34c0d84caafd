import { useEffect, useRef, useState } from 'preact/hooks';
import type { AboutServer } from '../model/dashboard.ts';
import { focusSearch, step, useKeys } from './keys.ts';
import { Help } from './parts/help.tsx';
import { go, link, useRoute } from './route.ts';
import { nextTheme, storedTheme } from './theme.ts';
import { useData } from './use-data.ts';
import { CompareView } from './views/compare.tsx';
import { IncidentView } from './views/incident.tsx';
import { IncidentsView } from './views/incidents.tsx';
import { PatternsView } from './views/patterns.tsx';
import { RunView } from './views/run.tsx';
import { RunsView } from './views/runs.tsx';

const PLACES = [
  ['runs', 'Runs', 'r'],
  ['incidents', 'Incidents', 'i'],
  ['patterns', 'Patterns', 'p'],
  ['compare', 'Compare', 'c'],
] as const;
/** Which place a view belongs to. */
const PART_OF: Readonly<Record<string, string>> = { run: 'runs', incident: 'incidents' };

export function Page() {
  const route = useRoute();
  const about = useData<AboutServer>('/api/about', 10_000);
  const [theme, setTheme] = useState(storedTheme);
  const [help, setHelp] = useState(false);
  const main = useRef<HTMLElement>(null);
  const waiting = useRef(0);
  useKeys({
    j: () => step(1),
    k: () => step(-1),
    '/': focusSearch,
    '?': () => setHelp((open) => !open),
    Escape: () => setHelp(false),
    t: () => setTheme(nextTheme),
    g: () => {
      waiting.current = Date.now();
    },
    ...Object.fromEntries(
      PLACES.map(([view, , key]) => [key, () => Date.now() - waiting.current < 1500 && go(link(view))]),
    ),
  });
  const { view, parts } = route;
  const place = PART_OF[view] ?? view;
  useEffect(() => {
    const title = PLACES.find(([name]) => name === place)?.[1] ?? 'Nothing';
    document.title = `${title}${parts[0] === undefined ? '' : ` ${parts[0].slice(0, 40)}`} · vexfs-trace`;
  }, [place, parts[0]]);
  const lost = about.error !== undefined && about.error.status === 0;

  return (
    <>
      <button type="button" class="skip" onClick={() => main.current?.focus()}>
        To the content
      </button>
      <header class="top">
        <a class="brand" href={link('runs')}>
          <svg viewBox="0 0 32 32" aria-hidden="true">
            <path d="M3 18h6l3-9 5 15 4-10 2 4h6" />
          </svg>
          vexfs-trace
        </a>
        <nav aria-label="Places">
          {PLACES.map(([name, text]) => (
            <a key={name} href={link(name)} aria-current={name === place ? 'page' : undefined}>
              {text}
            </a>
          ))}
        </nav>
        <div class="tools">
          <span class={lost ? 'dot bad' : 'dot good'} role="status">
            {lost ? 'server is away' : 'connected'}
          </span>
          <button type="button" onClick={() => setTheme(nextTheme)} title="Colours (t)">
            {theme === 'auto' ? 'Auto' : theme === 'light' ? 'Light' : 'Dark'}
          </button>
          <button type="button" onClick={() => setHelp(true)} title="Keys (?)" aria-label="Keys">
            ?
          </button>
        </div>
      </header>
      <main id="main" ref={main} tabIndex={-1}>
        {about.value?.problems.map((problem) => (
          <p key={problem} class="note warn" role="alert">
            {problem}
          </p>
        ))}
        <View route={route} writable={about.value?.writable ?? false} />
      </main>
      <footer>
        <span>{about.value?.tool}</span>
        <span>{about.value === undefined ? '' : (about.value.store ?? 'no store')}</span>
      </footer>
      {help && <Help onClose={() => setHelp(false)} />}
    </>
  );
}

function View({ route, writable }: { readonly route: ReturnType<typeof useRoute>; readonly writable: boolean }) {
  const { view, parts, query } = route;
  const [first = '', second = '', third = ''] = parts;
  switch (view) {
    case 'runs':
      return <RunsView />;
    case 'run':
      return (
        <RunView
          key={first}
          id={first}
          tab={second || 'overview'}
          recording={third}
          query={query}
          writable={writable}
        />
      );
    case 'incidents':
      return <IncidentsView search={query.get('q') ?? ''} />;
    case 'incident':
      return <IncidentView key={first} fingerprint={first} />;
    case 'patterns':
      return <PatternsView chosen={first} />;
    case 'compare':
      return <CompareView a={query.get('a') ?? ''} b={query.get('b') ?? ''} />;
    default:
      return <p class="note">There is nothing at this address.</p>;
  }
}
