import type { ApiError } from '../api.ts';
import { shown } from '../words.ts';

/** What went wrong and what to do; or that something is still on its way. */
export function Waiting({ error }: { readonly error: ApiError | undefined }) {
  if (error === undefined)
    return (
      <p class="note dim" aria-busy="true">
        Reading…
      </p>
    );
  return (
    <p class="note warn" role="alert">
      {shown(error.message)}
      {error.next !== undefined && <span class="dim"> — {shown(error.next)}</span>}
    </p>
  );
}
