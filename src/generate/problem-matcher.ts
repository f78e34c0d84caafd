import { SEVERITIES, type Severity } from '../model/classification.ts';

/** As annotations of GitHub have it (src/sink/github.ts). */
const LEVELS: Readonly<Record<Severity, 'error' | 'warning' | 'notice'>> = {
  fatal: 'error',
  critical: 'error',
  major: 'error',
  minor: 'warning',
  info: 'notice',
};

/**
 * A problem matcher for GitHub Actions (`::add-matcher::FILE`), also in the form that tasks of VS Code take: findings in the text that
 * `analyze` writes, severity, event, kind and place on the first line, the title on the second.
 */
export function problemMatcher(): string {
  const levels = ['error', 'warning', 'notice'] as const;
  const matchers = levels.map((severity) => ({
    owner: `vexfs-trace-${severity}`,
    severity,
    pattern: [
      {
        regexp: `^(?:${SEVERITIES.filter((one) => LEVELS[one] === severity)
          .map((one) => one.toUpperCase())
          .join('|')}) (?:crash|race|lock|leak) ([a-z0-9-]+)  (.+?):(\\d+)(?:-\\d+)?(?: at .*)?$`,
        code: 1,
        file: 2,
        line: 3,
      },
      { regexp: '^  (\\S.*)$', message: 1 },
    ],
  }));
  return `${JSON.stringify({ problemMatcher: matchers }, null, 2)}\n`;
}
