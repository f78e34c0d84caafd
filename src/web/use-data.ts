import { useEffect, useRef, useState } from 'preact/hooks';
import { ApiError, ask } from './api.ts';

export interface Data<T> {
  readonly value: T | undefined;
  readonly error: ApiError | undefined;
  again(): void;
}

/** What the server says of a path; asked again every `everyMs` while the page is looked at. The last answer stays until the next one. */
export function useData<T>(path: string | undefined, everyMs = 0): Data<T> {
  const [state, setState] = useState<{ path?: string | undefined; value?: T; error?: ApiError }>({});
  const [turn, setTurn] = useState(0);
  const text = useRef('');
  useEffect(() => {
    if (path === undefined) return;
    let gone = false;
    let timer = 0;
    const load = async () => {
      try {
        const value = await ask<T>(path);
        const json = JSON.stringify(value);
        // What says the same draws nothing anew.
        if (!gone && `${path}\n${json}` !== text.current) setState({ path, value });
        text.current = `${path}\n${json}`;
      } catch (error) {
        if (!gone && error instanceof ApiError) setState((before) => ({ ...before, error }));
      }
      if (!gone && everyMs > 0) timer = window.setTimeout(look, everyMs);
    };
    const look = () => {
      if (document.hidden) timer = window.setTimeout(look, everyMs);
      else void load();
    };
    void load();
    return () => {
      gone = true;
      clearTimeout(timer);
    };
  }, [path, everyMs, turn]);
  const fresh = state.path === path;
  return { value: fresh ? state.value : undefined, error: state.error, again: () => setTurn((n) => n + 1) };
}
