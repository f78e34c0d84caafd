import { describe, expect, test } from 'vitest';
import type { Message } from './message.ts';
import { fixture, of, read } from './testing.ts';

describe('text mode', () => {
  const messages = read(fixture('values.txt'));
  const named = (name: string) => messages.filter((message) => 'name' in message && message.name === name);

  test('says what JSON says of histograms', () => {
    const same = (all: readonly Message[]) =>
      all.filter((message) => message.kind === 'hist' || message.kind === 'lhist');
    const flat = (all: readonly Message[]) =>
      same(all).flatMap((message) =>
        'entries' in message ? message.entries.map((entry) => [message.name, entry]) : [],
      );
    expect(flat(messages)).toEqual(flat(read(fixture('values.json'))));
  });
  test('maps and statistics', () => {
    expect(messages[0]).toEqual({ kind: 'attached', probes: 2 });
    expect(named('@big')).toEqual([
      { kind: 'map', name: '@big', entries: [{ key: null, value: 18446612686364999681n }] },
    ]);
    expect(named('@m')).toEqual([{ kind: 'map', name: '@m', entries: [{ key: 'b, 2', value: 4 }] }]);
    expect(named('@st')).toEqual([
      { kind: 'stats', name: '@st', entries: [{ key: null, count: 1, average: 7, total: 7 }] },
    ]);
  });
  test('keys that are stacks', () => {
    const [first] = of(read(fixture('stacks.txt')), 'map');
    expect(first).toMatchObject({ name: '@e', entries: [{ value: 19 }] });
    expect(first?.entries[0]?.key).toMatch(/^\n {4}__kvmalloc_node_noprof\+771\n.*\n, 0$/s);
  });
  test('losses and helper errors', () => {
    expect(of(read(fixture('lost.txt')), 'lost').map((entry) => entry.events)).toEqual([3, 4]);
    expect(of(read(fixture('helper.txt')), 'error')).toMatchObject([
      { helper: 'probe_read_kernel', code: -34, place: { file: 'helper.bt', line: 1, column: 14, endColumn: 15 } },
    ]);
  });
});
