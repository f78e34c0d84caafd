import type { Finding } from '../model/event.ts';
import type { Pattern } from './pattern.ts';

/** For tests: a finding as the grammar makes it of a NULL dereference in the module, with members replaced. */
export function findingWith(parts: Partial<Finding> = {}): Finding {
  return {
    schema: 'vexfs-trace/event/1',
    id: '01J00000000000000000000000',
    seq: 1,
    event: 'crash',
    kind: 'null-deref',
    time: { kernel: 47.45 },
    evidence: [{ stream: 'console', byte: 0, endByte: 100, line: 1, endLine: 2 }],
    source: { stream: 'console', line: 1, endLine: 2 },
    severity: 'critical',
    final: true,
    title: 'BUG: unable to handle kernel NULL pointer dereference in vexfs_fault_null_deref',
    altTitles: ['bad-access in vexfs_fault_null_deref'],
    type: 'NULL-POINTER-DEREFERENCE',
    frame: 'vexfs_fault_null_deref',
    guiltyFile: '',
    corrupted: false,
    corruptedReason: '',
    panicked: false,
    fingerprint: 'v1:00',
    fingerprintInputs: [],
    context: { cpu: 0, pid: 92, comm: 'sh', kernel: '6.1.0-56-cloud-amd64', module: 'vexfs' },
    stacks: [
      {
        role: 'trap',
        frames: [
          { fn: 'vexfs_fault_null_deref', module: 'vexfs', reliable: true },
          { fn: 'ghost', reliable: false },
          { fn: 'vfs_write', reliable: true },
        ],
      },
      { role: 'alloc', frames: [{ fn: 'kmalloc_trace', reliable: true }] },
    ],
    details: { address: '8', access: 'write', object: { cache: 'kmalloc-64' }, size: 8 },
    matches: [],
    related: [],
    ...parts,
  };
}

/** For tests: a pattern with the given condition. */
export function patternWith(match: Pattern['match'], parts: Partial<Pattern> = {}): Pattern {
  return {
    id: 'p',
    title: 'a pattern',
    classification: 'module-crash',
    severity: 'critical',
    match,
    extract: {},
    advice: { meaning: '', lookAt: [], docs: [] },
    actions: [],
    references: [],
    samples: [],
    counterSamples: [],
    file: 'p.yaml',
    ...parts,
  };
}
