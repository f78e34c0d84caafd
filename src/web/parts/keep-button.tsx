import { useState } from 'preact/hooks';
import type { RunItem } from '../../model/dashboard.ts';
import { ApiError, ask } from '../api.ts';
import { encode } from '../route.ts';
import { shown } from '../words.ts';

/** Marks a run so that nothing removes it, or takes the mark back. */
export function KeepButton({ run, onDone }: { readonly run: RunItem; readonly onDone: () => void }) {
  const [problem, setProblem] = useState('');
  const change = async () => {
    try {
      await ask(`/api/runs/${encode(run.id)}/kept`, { method: run.kept ? 'DELETE' : 'PUT' });
      onDone();
    } catch (error) {
      if (error instanceof ApiError) setProblem(error.message);
    }
  };
  return (
    <>
      <button type="button" aria-pressed={run.kept} onClick={() => void change()}>
        {run.kept ? 'Kept' : 'Keep'}
      </button>
      {problem !== '' && <span class="warn">{shown(problem)}</span>}
    </>
  );
}
