import { useEffect, useRef } from 'preact/hooks';

const KEYS = [
  ['j, k', 'next, previous row'],
  ['Enter', 'open it'],
  ['/', 'search'],
  ['Esc', 'leave the search, close this'],
  ['g then r, i, p, c', 'runs, incidents, patterns, compare'],
  ['1 to 5', 'parts of a run'],
  ['f', 'follow what comes (events, console)'],
  ['t', 'colours: auto, light, dark'],
  ['?', 'this'],
] as const;

export function Help({ onClose }: { readonly onClose: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} onClose={onClose} aria-labelledby="help-title">
      <h2 id="help-title">Keys</h2>
      <dl class="keys">
        {KEYS.map(([key, text]) => (
          <>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{text}</dd>
          </>
        ))}
      </dl>
      <form method="dialog">
        <button type="submit">Close</button>
      </form>
    </dialog>
  );
}
