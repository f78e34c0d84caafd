import { describe, expect, test } from 'vitest';
import { type Effective, resolveOptions } from './effective.ts';
import { runHook } from './hooks.ts';

function options(argv: readonly string[], timeout = '20s'): Promise<Effective> {
  const environment = { VEXFS_TRACE_HOOKS_ON_FINDING: JSON.stringify(argv), VEXFS_TRACE_HOOKS_TIMEOUT: timeout };
  return resolveOptions({ flags: new Map(), environment, folder: '/' });
}

const shell = (script: string) => ['/bin/sh', '-c', script];

describe('a hook', () => {
  test.each<[name: string, argv: readonly string[], ok: boolean, text: string | RegExp]>([
    ['gets its arguments as they are', ['printf', '%s|', 'a b', '$(id)', '; rm'], true, 'ok: a b|$(id)|; rm|'],
    ['gets the event', shell('echo "$VEXFS_HOOK_EVENT $VEXFS_HOOK_TITLE"'), true, 'ok: on-finding BUG: x\n$(id)'],
    ['gets no input', ['cat'], true, 'ok'],
    ['fails', shell('echo no >&2; exit 3'), false, 'exit 3: no'],
    ['is not there', ['/no/such/program'], false, /^could not be started: .*ENOENT/],
    ['says much', shell('yes | head -c 1000000'), true, /^ok: [y\n]{4000,4096}$/],
    ['leaves something behind', shell('sleep 600 & echo done'), true, 'ok: done'],
  ])('that %s', async (_, argv, ok, text) => {
    const result = await runHook(await options(argv), 'on-finding', { title: 'BUG: x\n$(id)' });
    expect(result?.text).toEqual(typeof text === 'string' ? text : expect.stringMatching(text));
    expect(result?.ok).toBe(ok);
  });

  test('that takes too long is ended, with what it started', async () => {
    const result = await runHook(await options(shell('sleep 600 | sleep 600'), '50ms'), 'on-finding', {});
    expect(result).toMatchObject({ ok: false, text: 'took longer than 0.05 s' });
  });

  test('ends with the run', async () => {
    const run = new AbortController();
    const hook = runHook(await options(['sleep', '600']), 'on-finding', {}, run.signal);
    run.abort();
    expect(await hook).toMatchObject({ ok: false, text: 'was interrupted' });
  });

  test('that is not set does nothing', async () => {
    expect(await runHook(await options(['true']), 'before-run', {})).toBeUndefined();
  });
});
