import { sha256 } from '../base/sha256.ts';
import type { Evidence } from '../model/event.ts';
import type { HostRecord } from '../model/host-record.ts';
import { KINDS, type Kind } from '../model/kinds.ts';
import type { Raised } from '../patterns/match-run.ts';
import type { FindingDraft } from './finding.ts';

export type GuestRecord = Extract<HostRecord, { record: 'guest' }>;

/** A finding that no kernel report tells of: seen by the host, or derived from traces. */
export interface PlainFinding {
  readonly kind: Kind;
  readonly title: string;
  /** What makes two of them the same failure, beside the kind. */
  readonly identity: readonly string[];
  readonly context: FindingDraft['context'];
  readonly stacks?: FindingDraft['stacks'];
  /** The function to blame; the innermost of the first stack when absent. */
  readonly frame?: string;
  readonly details: Readonly<Record<string, unknown>>;
  readonly evidence: Evidence;
}

export function plainFinding(plain: PlainFinding): FindingDraft {
  const { kind, title, context, details, evidence } = plain;
  const { event, severity } = KINDS[kind];
  const inputs = [kind, ...plain.identity];
  return {
    event,
    kind,
    evidence: [evidence],
    source: {
      stream: evidence.stream,
      ...(evidence.file !== undefined && { file: evidence.file }),
      line: evidence.line ?? 1,
      endLine: evidence.endLine ?? evidence.line ?? 1,
    },
    severity,
    final: true,
    title,
    altTitles: [],
    type: '',
    frame: plain.frame ?? plain.stacks?.[0]?.frames[0]?.fn ?? '',
    guiltyFile: '',
    corrupted: false,
    corruptedReason: '',
    panicked: false,
    fingerprint: `v1:${sha256(inputs.join('\0')).toString('hex').slice(0, 16)}`,
    fingerprintInputs: inputs,
    context,
    stacks: plain.stacks ?? [],
    details: { ...details },
  };
}

/** Records of the host that are findings in themselves: no report tells that a guest fell silent or went away. */
const HOST_TITLES: Readonly<Partial<Record<GuestRecord['kind'], { readonly kind: Kind; readonly title: string }>>> = {
  hang: { kind: 'guest-hang', title: 'guest hang: no heartbeat and no console output' },
  exit: { kind: 'guest-exit', title: 'guest exit: the machine ended on its own' },
  frozen: { kind: 'guest-frozen', title: 'guest frozen: its CPUs were stopped from outside' },
  'agent-dead': { kind: 'agent-dead', title: 'agent dead: the kernel answers, the agent does not' },
};

/** What is known of why nothing is heard (`SilenceCause` in silence.ts), where it makes another failure of it. */
const TITLES_BY_CAUSE: Readonly<Record<string, string>> = {
  'emulator-stuck': 'guest hang: the emulator does not answer',
  'port-lost': 'agent lost: the kernel answers, the port that the agent is asked by is gone',
  'agent-stuck': 'agent stuck: the kernel answers, the agent has its port open and does not',
  'agent-died': 'agent died: it was started anew',
};

export function findingOfHost(record: GuestRecord, evidence: Evidence): PlainFinding | undefined {
  // The end of a connection to a machine of the user's says nothing of that machine.
  if (record.detail.connection !== undefined) return undefined;
  const found = HOST_TITLES[record.kind];
  if (found === undefined) return undefined;
  const told = typeof record.detail.cause === 'string' ? TITLES_BY_CAUSE[record.detail.cause] : undefined;
  const identity = told === undefined ? [] : [String(record.detail.cause)];
  return {
    ...found,
    ...(told !== undefined && { title: told }),
    identity,
    context: {},
    details: record.detail,
    evidence,
  };
}

/** A pattern that events which are no findings make up: its title is all the name that it has. */
export function raisedFinding({ pattern, match }: Raised, evidence: Evidence): FindingDraft {
  const details = { pattern: pattern.id, because: match.explain };
  const kind = 'pattern-match';
  return plainFinding({ kind, title: pattern.title, identity: [pattern.id], context: {}, details, evidence });
}
