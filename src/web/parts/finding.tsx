import type { Finding } from '../../model/event.ts';
import { link } from '../route.ts';
import { shown } from '../words.ts';
import { Badge } from './badge.tsx';

const MAX_FRAMES = 24;

/** What a finding says, for people. What it says came out of a log: nothing here relies on its form. */
export function FindingText({ finding }: { readonly finding: Finding }) {
  const { severity, kind, frame, guiltyFile, context, stacks, matches } = finding;
  const facts = [
    ['kind', kind],
    ['where', [frame, guiltyFile].filter(Boolean).join(' in ')],
    ['task', [context?.comm, context?.pid].filter((part) => part !== undefined).join(' ')],
    ['kernel', context?.kernel],
    ['taint', context?.taint],
  ] as const;
  return (
    <>
      <dl class="facts">
        <dt>severity</dt>
        <dd>
          <Badge word={severity} />
        </dd>
        {facts.map(([name, value]) =>
          value === undefined || value === '' ? null : (
            <>
              <dt>{name}</dt>
              <dd>{shown(value, 300)}</dd>
            </>
          ),
        )}
        {(Array.isArray(matches) ? matches.slice(0, 3) : []).map(({ pattern, explain, confidence }) => (
          <>
            <dt>pattern</dt>
            <dd>
              <a href={link('patterns', [String(pattern)])}>{shown(pattern, 80)}</a>{' '}
              <span class="dim">
                {Math.round(confidence * 100)} %, {shown(explain, 300)}
              </span>
            </dd>
          </>
        ))}
      </dl>
      {(Array.isArray(stacks) ? stacks.slice(0, 4) : []).map(({ role, frames }, i) => (
        <details key={i} open={i === 0}>
          <summary>Stack: {shown(role, 40)}</summary>
          <pre>
            {(Array.isArray(frames) ? frames.slice(0, MAX_FRAMES) : []).map(
              ({ fn, offset, size, module, reliable, file, line }, at) => (
                <div key={at} class={reliable ? '' : 'dim'}>
                  {reliable ? '' : '? '}
                  {shown(fn, 120)}
                  {offset !== undefined && `+${shown(offset, 20)}/${shown(size, 20)}`}
                  {module !== undefined && ` [${shown(module, 40)}]`}
                  {file !== undefined && ` ${shown(file, 120)}:${shown(line, 12)}`}
                </div>
              ),
            )}
          </pre>
        </details>
      ))}
    </>
  );
}
