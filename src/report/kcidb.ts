import type { TestRow } from '../model/run-report.ts';
import type { Verdict } from '../model/test-run.ts';
import { manyLines, oneLine, wellFormed } from '../sink/escape.ts';
import type { Incident, Recording, Story } from './story.ts';
import { ranked } from './verdict.ts';

const ORIGIN = 'vexfs';
/** Of the schema: longer excerpts are refused. */
const MAX_EXCERPT = 16 * 1024;
const MAX_EXCERPT_LINES = 200;
const MAX_COMMENT = 1000;

/**
 * Results as the KCIDB project of kernelci.org takes them, schema version 5.3: a checkout, a build, a test each, an issue for each kind of
 * failure (by its fingerprint) and an incident for each time it was seen. A kernel that came as a package has no commit, so the
 * checkout names none. Nothing is sent.
 */
export function kcidbReport(story: Story): string {
  const run = idOf(story.run?.run ?? story.recordings[0]?.info.run ?? story.name);
  const kernels = [...new Set(story.recordings.map(({ info }) => info.kernel?.release ?? ''))];
  const checkoutId = `${ORIGIN}:${run}`;
  const buildOf = (recording: Recording | undefined) =>
    `${ORIGIN}:${run}-kernel-${Math.max(0, kernels.indexOf(recording?.info.kernel?.release ?? '')) + 1}`;
  const builds = (kernels.length === 0 ? [''] : kernels).map((release, i) => ({
    id: `${ORIGIN}:${run}-kernel-${i + 1}`,
    origin: ORIGIN,
    checkout_id: checkoutId,
    ...(release !== '' && { comment: comment(`Linux ${release}`) }),
    status: 'PASS',
    misc: { release: comment(release) },
  }));
  const { issues, incidents } = issuesOf(story, run);
  const document = {
    version: { major: 5, minor: 3 },
    checkouts: [
      { id: checkoutId, origin: ORIGIN, start_time: startOf(story), comment: comment(story.tool), valid: true },
    ],
    builds,
    tests: testsOf(story, run, buildOf),
    issues,
    incidents,
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}

type Status = 'FAIL' | 'ERROR' | 'MISS' | 'PASS' | 'DONE' | 'SKIP';
const STATUS = {
  PASS: 'PASS',
  FAIL: 'FAIL',
  ERROR: 'ERROR',
  MISS: 'MISS',
  SKIP: 'SKIP',
  DONE: 'DONE',
} as const satisfies Record<Verdict, Status>;

function testsOf(story: Story, run: string, buildOf: (recording: Recording | undefined) => string): object[] {
  const byName = new Map(story.recordings.map((recording) => [recording.name, recording]));
  if (story.run !== undefined)
    return story.run.tests.map((test, i) => {
      const recording = byName.get(test.guest ?? '') ?? story.recordings[0];
      return testOf(test, testId(run, i), buildOf(recording), excerptOf(test, story));
    });
  return story.recordings.map((recording, i) => ({
    ...{ id: testId(run, i), origin: ORIGIN, build_id: buildOf(recording), path: 'vexfs.watch' },
    comment: comment(`vexfs-trace ${recording.info.command.join(' ')}`),
    status: recording.findings > 0 ? 'FAIL' : 'DONE',
    start_time: startOf(story),
    duration: recording.endNs / 1e9,
    misc: { events: recording.events, findings: recording.findings },
  }));
}

function testOf(test: TestRow, id: string, build: string, excerpt: string): object {
  const { id: name, domain, about, verdict, reason, culprit, attempts, seed, durationMs, guest } = test;
  return {
    ...{ id, origin: ORIGIN, build_id: build, path: `vexfs.${pathPart(domain)}.${pathPart(name)}` },
    comment: comment(reason === '' ? about : `${about}: ${reason}`),
    status: STATUS[verdict],
    duration: durationMs / 1000,
    ...(excerpt !== '' && { log_excerpt: excerpt }),
    ...(guest !== undefined && { environment: { comment: comment(guest) } }),
    misc: { seed, attempts, ...(culprit !== undefined && { culprit }) },
  };
}

/** One issue for each fingerprint; what was put in on purpose is an issue of nobody. */
function issuesOf(story: Story, run: string): { issues: object[]; incidents: object[] } {
  const issues = new Map<string, object>();
  const incidents: object[] = [];
  const tests = story.run?.tests ?? [];
  for (const [i, { incident, recording }] of ranked(story).entries()) {
    const fingerprint = incident.findings[0]?.finding.fingerprint ?? incident.title;
    const issue = `${ORIGIN}:${idOf(fingerprint)}`;
    if (!issues.has(issue)) issues.set(issue, issueOf(issue, incident));
    const at =
      story.run === undefined ? story.recordings.indexOf(recording) : tests.findIndex(({ id }) => id === incident.test);
    incidents.push({
      ...{ id: `${ORIGIN}:${run}-incident-${i + 1}`, origin: ORIGIN, issue_id: issue, issue_version: 1 },
      ...(at >= 0 ? { test_id: testId(run, at) } : { build_id: `${ORIGIN}:${run}-kernel-1` }),
      present: true,
      comment: comment(`${incident.severity}, ${incident.outcome}`),
      ...(incident.fault !== undefined && { misc: { fault: comment(incident.fault) } }),
    });
  }
  return { issues: [...issues.values()], incidents };
}

function issueOf(id: string, { title, classification, fault }: Incident): object {
  return {
    ...{ id, version: 1, origin: ORIGIN },
    report_subject: comment(title),
    culprit: { code: fault === undefined, tool: false, harness: fault !== undefined },
    comment: comment(fault === undefined ? classification : `${classification}, put in on purpose: ${fault}`),
  };
}

/** Lines of the log of the first incident of a test. */
function excerptOf({ id }: TestRow, { recordings }: Story): string {
  for (const { incidents, excerpts } of recordings) {
    const place = incidents.find(({ test }) => test === id)?.findings[0]?.finding.evidence[0];
    if (place?.line === undefined) continue;
    const { line, endLine = line } = place;
    const lines = excerpts
      .filter(({ stream }) => stream === place.stream)
      .flatMap((excerpt) => excerpt.lines.filter(({ number }) => number >= line && number <= endLine));
    const shown = lines.slice(0, MAX_EXCERPT_LINES).map((one) => one.text);
    return text(manyLines(shown.join('\n'))).slice(0, MAX_EXCERPT);
  }
  return '';
}

function testId(run: string, at: number): string {
  return `${ORIGIN}:${run}-test-${at + 1}`;
}

/** RFC 3339, as the schema wants it. */
function startOf({ run, recordings }: Story): string {
  const date = new Date(run?.started ?? recordings[0]?.info.startWall ?? 0);
  return (Number.isNaN(date.getTime()) ? new Date(0) : date).toISOString();
}

/** `[.a-zA-Z0-9_-]` without dots, which part a path. */
function pathPart(name: string): string {
  return name.replaceAll(/[^a-zA-Z0-9_-]/g, '_').slice(0, 100) || '_';
}

function idOf(name: string): string {
  return name.replaceAll(/[^a-zA-Z0-9_.-]/g, '-').slice(0, 100) || '_';
}

function comment(words: string): string {
  return text(oneLine(words)).slice(0, MAX_COMMENT);
}

function text(words: string): string {
  return wellFormed(words);
}
