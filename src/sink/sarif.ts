import type { Severity } from '../model/classification.ts';
import { type Finding, isFinding } from '../model/event.ts';
import { KINDS } from '../model/kinds.ts';
import type { Frame } from '../model/stack.ts';
import { oneLine, wellFormed } from './escape.ts';
import { codePlace, logPlace, placeText } from './places.ts';
import type { OpenSink } from './sink.ts';
import { gapText } from './summary-lines.ts';

const SCHEMA = 'https://json.schemastore.org/sarif-2.1.0.json';
const MAX_FRAMES = 64;
const MAX_NOTES = 1000;

const LEVELS: Readonly<Record<Severity, 'error' | 'warning' | 'note'>> = {
  fatal: 'error',
  critical: 'error',
  major: 'error',
  minor: 'warning',
  info: 'note',
};

/**
 * SARIF 2.1.0 (docs.oasis-open.org/sarif/sarif/v2.1.0): kinds are rules, findings are results. Results are written as they
 * come; what is known only at the end stands behind them, since members of an object have no order.
 */
export const openSarif: OpenSink = ({ write, version }) => {
  const rules: string[] = [];
  const notes: object[] = [];
  const note = (level: 'warning' | 'error', text: string) => {
    if (notes.length < MAX_NOTES) notes.push({ level, message: { text: oneLine(text) } });
  };
  let separator = '\n';
  write(`{"$schema":${JSON.stringify(SCHEMA)},"version":"2.1.0","runs":[{"results":[`);
  return {
    event(event) {
      if (event.event === 'gap') note('warning', `lost: ${gapText(event)}`);
      if (!isFinding(event)) return;
      if (!rules.includes(event.kind)) rules.push(event.kind);
      write(`${separator}${JSON.stringify(resultOf(event, rules.indexOf(event.kind)))}`);
      separator = ',\n';
    },
    log({ file, problem }) {
      if (problem !== undefined) note('error', `${file}: ${problem}`);
    },
    close({ logs }) {
      const driver = { name: 'vexfs-trace', semanticVersion: version, rules: rules.map(ruleOf) };
      const whole = logs.every(({ problem }) => problem === undefined);
      const invocation = { executionSuccessful: whole, toolExecutionNotifications: notes };
      const artifacts = distinct(logs).map(({ file, bytes }) => ({
        location: { uri: uriOf(file) },
        length: bytes,
        roles: ['analysisTarget'],
      }));
      const rest = { tool: { driver }, invocations: [invocation], artifacts, columnKind: 'utf16CodeUnits' };
      write(`\n],${JSON.stringify(rest).slice(1)}]}\n`);
    },
  };
};

function ruleOf(kind: string) {
  const row = (KINDS as Readonly<Record<string, (typeof KINDS)[keyof typeof KINDS]>>)[kind];
  return {
    id: kind,
    shortDescription: { text: kind.replaceAll('-', ' ') },
    ...(row !== undefined && {
      defaultConfiguration: { level: LEVELS[row.severity] },
      properties: { tags: distinct([row.event, row.classification]) },
    }),
  };
}

function resultOf(finding: Finding, ruleIndex: number) {
  const { kind, severity, title, fingerprint, stacks, frame, context, matches, incident, id } = finding;
  const log = logLocation(finding);
  const code = codePlace(finding);
  const place = code === undefined ? log : { physicalLocation: physical(code.file, code.line) };
  const logicalLocations = frame === '' ? [] : [functionOf(frame, context.module)];
  const text = oneLine(title);
  return {
    ruleId: kind,
    ruleIndex,
    level: LEVELS[severity],
    message: { text: `${text} (${oneLine(placeText(logPlace(finding)))})` },
    locations: [{ ...place, ...(logicalLocations.length > 0 && { logicalLocations }) }],
    ...(code !== undefined && { relatedLocations: [{ id: 1, ...log, message: { text: 'the report in the log' } }] }),
    fingerprints: { 'vexfsTrace/v1': fingerprint },
    partialFingerprints: { 'vexfsTraceReport/v1': fingerprint },
    ...(stacks.length > 0 && { stacks: distinct(stacks.map(stackOf)) }),
    properties: {
      ...{ id, incident, severity },
      classification: matches[0]?.classification,
      pattern: matches[0]?.pattern,
      corrupted: finding.corrupted,
    },
  };
}

function logLocation(finding: Finding) {
  const { file, line, endLine } = logPlace(finding);
  const [first] = finding.evidence;
  const region = {
    startLine: line,
    endLine,
    ...(first !== undefined && { byteOffset: first.byte, byteLength: first.endByte - first.byte }),
  };
  return { physicalLocation: { artifactLocation: { uri: uriOf(file) }, region } };
}

function stackOf({ role, frames }: Finding['stacks'][number]) {
  const sure = frames.filter(({ reliable }) => reliable).slice(0, MAX_FRAMES);
  return { message: { text: oneLine(role) }, frames: sure.map(frameOf) };
}

/** The standard wants members of these arrays to differ. */
function distinct<T>(values: readonly T[]): T[] {
  return [...new Map(values.map((value) => [JSON.stringify(value), value])).values()];
}

function frameOf({ fn, module, file, line }: Frame) {
  return {
    ...(module !== undefined && { module: module }),
    location: {
      ...(file !== undefined && { physicalLocation: physical(file, line) }),
      logicalLocations: [functionOf(fn, module)],
    },
  };
}

function functionOf(fn: string, module: string | undefined) {
  return { name: fn, kind: 'function', ...(module !== undefined && { fullyQualifiedName: `${module}::${fn}` }) };
}

function physical(file: string, line: number | undefined) {
  return {
    artifactLocation: { uri: uriOf(file) },
    ...(line !== undefined && line > 0 && { region: { startLine: line } }),
  };
}

/** A relative reference as RFC 3986 has it; an absolute path is a file URI. */
function uriOf(path: string): string {
  const encoded = wellFormed(path).split('/').map(encodeURIComponent).join('/');
  return path.startsWith('/') ? `file://${encoded}` : encoded;
}
