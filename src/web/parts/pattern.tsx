import type { PatternItem } from '../../model/dashboard.ts';
import { shown } from '../words.ts';

/** What is known of a failure. */
export function PatternText({ pattern: { meaning, lookAt, references, actions } }: { readonly pattern: PatternItem }) {
  return (
    <>
      <p>{shown(meaning)}</p>
      <h3>Look at</h3>
      <ol>
        {lookAt.map((text) => (
          <li key={text}>{shown(text)}</li>
        ))}
      </ol>
      {actions.length > 0 && <p class="dim">Asks for: {shown(actions.join(', '))}</p>}
      {references.length > 0 && (
        <ul class="dim">
          {references.map((text) => (
            <li key={text}>{shown(text)}</li>
          ))}
        </ul>
      )}
    </>
  );
}
