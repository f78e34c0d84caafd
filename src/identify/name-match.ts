/**
 * Lists of function names in one string, separated by blanks: `word` matches anywhere in a name, `^word` at its start, `word$` at
 * its end, `=word` the whole name, `a*b` both, in this order.
 */
export type NameMatcher = (name: string) => boolean;

export function nameMatcher(list: string): NameMatcher {
  const tests = list
    .split(' ')
    .flatMap((word) => word.split('\n'))
    .filter(Boolean)
    .map(wordTest);
  const known = new Map<string, boolean>();
  return (name) => {
    let answer = known.get(name);
    if (answer === undefined) {
      answer = tests.some((test) => test(name));
      // Names come from hostile text: the memory of answers is bounded.
      if (known.size > 4096) known.clear();
      known.set(name, answer);
    }
    return answer;
  };
}

function wordTest(word: string): NameMatcher {
  if (word.startsWith('=')) {
    const whole = word.slice(1);
    return (name) => name === whole;
  }
  const start = word.startsWith('^');
  const end = word.endsWith('$');
  const core = word.slice(start ? 1 : 0, end ? -1 : undefined);
  if (start && end) return (name) => name === core;
  if (start) return (name) => name.startsWith(core);
  if (end) return (name) => name.endsWith(core);
  const star = core.indexOf('*');
  if (star < 0) return (name) => name.includes(core);
  const [first, second] = [core.slice(0, star), core.slice(star + 1)];
  return (name) => {
    const at = name.indexOf(first);
    return at >= 0 && name.indexOf(second, at + first.length) >= 0;
  };
}

/** `prefix{a,b}` spelled out, so that lists stay short: `atomic_{inc,dec}` is `atomic_inc atomic_dec`. */
export function spell(prefixes: string, endings: string): string {
  return prefixes
    .split(' ')
    .flatMap((prefix) => endings.split(' ').map((ending) => prefix + ending))
    .join(' ');
}
