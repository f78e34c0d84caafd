import { at } from './condition.ts';
import type { Pattern } from './pattern.ts';
import { checkedRegex, regexSource } from './regex.ts';
import type { Subject } from './subject.ts';

/** `extract` shows values of the report beside the match: `limit: 120`. What does not occur is left out. */
export function compileExtract(pattern: Pattern): (subject: Subject) => string[] {
  const rows = Object.entries(pattern.extract).map(([name, { from, regex }]) => {
    return { name, keys: from.split('.'), re: checkedRegex(regexSource(regex) ?? regex) };
  });
  return (subject) =>
    rows.flatMap(({ name, keys, re }) => {
      const source = keys[0] === 'text' ? subject.text() : at(subject.finding ?? subject, keys);
      const matcher = typeof source === 'string' ? re.matcher(source) : undefined;
      if (matcher?.find() !== true) return [];
      const value = (re.groupCount() > 0 ? matcher.group(1) : null) ?? matcher.group(0) ?? '';
      return [`${name}: ${value.replaceAll(/\s+/g, ' ').slice(0, 80)}`];
    });
}
