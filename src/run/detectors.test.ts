import { describe, expect, test } from 'vitest';
import { DETECTORS, type Detector, judgeDetectors } from './detectors.ts';

const FRESH = `tainted 4096
debug_locks 1
hung_timeout 30
hung_warnings -1
soft_watchdog 1
thresh 10
kcsan 1
kmemleak 1
multi_shot 1`;

describe('judgeDetectors', () => {
  test('on a fresh guest that has them all, all are armed', () => {
    const { of, taint } = judgeDetectors(FRESH, true);
    expect(DETECTORS.filter((name) => of[name].state !== 'armed')).toEqual([]);
    expect(taint).toBe(4096);
    expect(of['soft-lockup'].why).toBe('after 20 s');
  });

  test('a kernel without any has none', () => {
    const { of } = judgeDetectors('tainted 0', false);
    expect(DETECTORS.filter((name) => of[name].state !== 'absent')).toEqual([]);
  });

  test.each<[string, string, string, Detector, 'armed' | 'disarmed']>([
    ['lockdep is off after a report', 'debug_locks 1', 'debug_locks 0', 'lockdep', 'disarmed'],
    ['kmemleak has switched itself off', 'kmemleak 1', 'kmemleak 0', 'kmemleak', 'disarmed'],
    ['the warnings are used up', 'hung_warnings -1', 'hung_warnings 0', 'hung-task', 'disarmed'],
    ['some warnings are left', 'hung_warnings -1', 'hung_warnings 3', 'hung-task', 'armed'],
    ['the limit is 0', 'hung_timeout 30', 'hung_timeout 0', 'hung-task', 'disarmed'],
    ['the watchdog is off', 'soft_watchdog 1', 'soft_watchdog 0', 'soft-lockup', 'disarmed'],
    ['KASAN reports again and again when told to', 'tainted 4096', 'tainted 4128', 'kasan', 'armed'],
  ])('%s', (_name, from, to, detector, state) => {
    expect(FRESH).toContain(from);
    expect(judgeDetectors(FRESH.replace(from, to), true).of[detector].state).toBe(state);
  });

  test('a KASAN that reports once has done so when the taint says B', () => {
    const once = FRESH.replace('\nmulti_shot 1', '');
    expect(judgeDetectors(once, true).of.kasan.state).toBe('armed');
    expect(judgeDetectors(once.replace('tainted 4096', 'tainted 4128'), true).of.kasan.state).toBe('disarmed');
  });

  test('nonsense arms nothing', () => {
    const { of } = judgeDetectors('debug_locks one\nkmemleak\n\0\n', true);
    expect(of.lockdep.state).toBe('absent');
    expect(of.kmemleak.state).toBe('absent');
  });
});
