import { createHash } from 'node:crypto';
import type { Evidence } from '../model/event.ts';
import type { HostRecord } from '../model/host-record.ts';
import { KINDS } from '../model/kinds.ts';
import type { FindingBody, FindingContext } from './finding.ts';

export type GuestRecord = Extract<HostRecord, { record: 'guest' }>;

interface HostFinding {
  readonly kind: 'guest-hang' | 'guest-exit';
  readonly title: string;
}

/** Records of the host that are findings in themselves: no report tells that a guest fell silent or went away. */
export const HOST_FINDINGS: Readonly<Partial<Record<GuestRecord['kind'], HostFinding>>> = {
  hang: { kind: 'guest-hang', title: 'guest hang: no heartbeat and no console output' },
  exit: { kind: 'guest-exit', title: 'guest exit: the machine ended on its own' },
};

export function hostFinding(
  found: HostFinding,
  record: GuestRecord,
  evidence: Evidence,
  context: FindingContext,
): FindingBody {
  const { event, classification, severity } = KINDS[found.kind];
  const inputs = [found.kind];
  return {
    id: context.id,
    event,
    kind: found.kind,
    evidence: [evidence],
    source: { stream: evidence.stream, line: evidence.line ?? 1, endLine: evidence.line ?? 1 },
    incident: context.incident,
    severity,
    final: true,
    title: found.title,
    altTitles: [],
    type: 'HANG',
    frame: '',
    guiltyFile: '',
    corrupted: false,
    corruptedReason: '',
    panicked: false,
    fingerprint: `v1:${createHash('sha256').update(inputs.join('\0')).digest('hex').slice(0, 16)}`,
    fingerprintInputs: inputs,
    context: {},
    stacks: [],
    details: record.detail,
    matches: [
      {
        pattern: `kind:${found.kind}`,
        confidence: 1,
        classification,
        severity,
        actions: [],
        explain: 'seen by the host',
      },
    ],
    related: [...context.related],
  };
}
