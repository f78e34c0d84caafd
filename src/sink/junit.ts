import type { About, LogRead } from '../model/about.ts';
import { type Finding, isFinding } from '../model/event.ts';
import { briefOf } from './brief.ts';
import { xmlAttribute, xmlText } from './escape.ts';
import { findingText } from './group-text.ts';
import { codePlace, isIn, logPlace } from './places.ts';
import type { OpenSink } from './sink.ts';

/** Test cases that a suite lists; what is beyond is counted in one case more, so that a log full of reports stays readable. */
const MAX_CASES = 1000;
const EXCERPT_LINES = 100;
const WIDTH = 120;

interface Suite {
  readonly cases: string[];
  readonly names: Map<string, number>;
  unlisted: number;
}

/**
 * JUnit XML as Jenkins and GitLab read it (docs.gitlab.com/ci/testing/unit_test_reports, the Jenkins JUnit plugin): each log a
 * suite, each finding a failed case, a clean log a passed one, a log that could not be read an error. A suite is written when
 * its log has been read.
 */
export const openJunit: OpenSink = ({ write }) => {
  const suites = new Map<string, Suite>();
  const close = (log: string, problem?: string) => {
    const own = [...suites.keys()].filter((file) => isIn({ file }, log));
    for (const file of own.length === 0 ? [log] : own) {
      write(suiteXml(file, suites.get(file), problem));
      suites.delete(file);
    }
  };
  write('<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="vexfs-trace">\n');
  return {
    event(event, about) {
      if (!isFinding(event)) return;
      const { file } = logPlace(event);
      const suite: Suite = suites.get(file) ?? { cases: [], names: new Map(), unlisted: 0 };
      suites.set(file, suite);
      if (suite.cases.length < MAX_CASES) suite.cases.push(findingXml(event, about, suite.names));
      else suite.unlisted += 1;
    },
    log: ({ file, problem }: LogRead) => close(file, problem),
    close() {
      for (const file of [...suites.keys()]) close(file);
      write('</testsuites>\n');
    },
  };
};

function suiteXml(file: string, suite: Suite | undefined, problem: string | undefined): string {
  const all: string[] = [...(suite?.cases ?? [])];
  const unlisted = suite?.unlisted ?? 0;
  if (unlisted > 0)
    all.push(caseXml(file, 'more findings', element('failure', `${unlisted} more findings are not listed`)));
  const failures = all.length;
  if (problem !== undefined) all.push(caseXml(file, 'the log is read', element('error', problem)));
  if (all.length === 0) all.push(caseXml(file, 'no kernel reports', ''));
  const counts = `tests="${all.length}" failures="${failures}" errors="${problem === undefined ? 0 : 1}" skipped="0"`;
  return `  <testsuite name="${xmlAttribute(file)}" ${counts} time="0">\n${all.join('')}  </testsuite>\n`;
}

function findingXml(finding: Finding, about: About, names: Map<string, number>): string {
  const { title, kind, severity } = finding;
  // GitLab takes cases of one name for one case.
  const before = names.get(title) ?? 0;
  names.set(title, before + 1);
  const name = before === 0 ? title : `${title} (${before + 1})`;
  const text = findingText(briefOf(finding, about, EXCERPT_LINES), { color: false, width: WIDTH });
  const code = codePlace(finding)?.file;
  const failure = `<failure type="${xmlAttribute(kind)}" message="${xmlAttribute(`${severity}: ${title}`)}">\n${xmlText(text)}</failure>`;
  return caseXml(logPlace(finding).file, name, failure, code === undefined ? '' : ` file="${xmlAttribute(code)}"`);
}

/** `inner` and `more` are XML already. */
function caseXml(file: string, name: string, inner: string, more = ''): string {
  const start = `    <testcase classname="${xmlAttribute(file)}" name="${xmlAttribute(name)}"${more} time="0"`;
  return inner === '' ? `${start}/>\n` : `${start}>${inner}</testcase>\n`;
}

function element(name: 'failure' | 'error', message: string): string {
  return `<${name} message="${xmlAttribute(message)}"/>`;
}
