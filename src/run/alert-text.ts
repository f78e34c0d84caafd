import type { Rule } from '../alert/rule-schema.ts';
import { readSilences, silenceOf, silencesFile } from '../alert/silences.ts';
import type { Transition } from '../alert/transition.ts';
import { escapeTerminal, formatMs } from '../base/text.ts';

export type { Transition } from '../alert/transition.ts';

/** Rules for people, a line each. */
export function describeRules(rules: readonly Rule[]): string {
  const now = Date.now();
  const silences = readSilences(silencesFile(), now);
  const rows = rules.map((rule) => {
    const silence = silenceOf({ rule: rule.name, labels: {} }, silences, now);
    const held = rule.for === undefined ? '' : ` for ${formatMs(rule.for)}`;
    return [
      rule.name,
      rule.severity,
      `${conditionText(rule)}${held}`,
      silence === undefined ? '' : `silenced until ${silence.until}`,
    ];
  });
  return table(rows);
}

/** Alerts for people, a line each. */
export function describeTransitions(transitions: readonly Transition[]): string {
  return table(
    transitions.map(({ at, state, rule, severity, text, silenced }) => [
      ...[at, state, rule, severity],
      `${text}${silenced === undefined ? '' : ` (silenced: ${silenced})`}`,
    ]),
  );
}

function conditionText({ when }: Rule): string {
  const [kind = '', options = {}] = Object.entries(when)[0] ?? [];
  const words = Object.entries(options as Record<string, unknown>).map(
    ([name, value]) => `${name} ${name === 'over' ? formatMs(Number(value)) : String(value)}`,
  );
  return [kind, ...words].join(' ');
}

function table(rows: readonly (readonly string[])[]): string {
  const widths = rows.reduce<number[]>((all, row) => row.map((cell, i) => Math.max(all[i] ?? 0, cell.length)), []);
  return rows
    .map(
      (row) =>
        `${escapeTerminal(
          row
            .map((cell, i) => cell.padEnd(i === row.length - 1 ? 0 : (widths[i] ?? 0)))
            .join('  ')
            .trimEnd(),
        )}\n`,
    )
    .join('');
}
