import { HitReader, type InjectionHit } from '../fault/hits.ts';
import type { FaultTarget } from '../fault/target.ts';
import { atLeast } from '../model/classification.ts';
import type { Finding } from '../model/event.ts';
import type { AgentAnswer } from '../model/guest.ts';
import type { CampaignEntry } from './campaign-journal.ts';
import { waitFor } from './wait.ts';

/** How long one operation may take, in an emulated guest with a sanitizer, before it counts as hung. */
const OPERATION_MS = 30_000;
/** The kernel may print what an operation hit after the operation has ended: another CPU may have had the console. */
const PRINT_MS = 400;

/** What `vexpoint` says (kmod/tools/vexpoint.c). */
interface Said {
  readonly injected: boolean;
  readonly ret: number;
  readonly errno: string;
  readonly data: 'right' | 'wrong' | 'skip';
  readonly why: string;
}

export interface EntryPorts {
  readonly target: FaultTarget;
  readonly fstype: string;
  readonly module: { readonly file: string; readonly params: string };
  /** Findings since the entry began. */
  findings(): readonly Finding[];
}

/** Does one operation whose Nth call fails, and judges it. */
export async function runEntry(
  ports: EntryPorts,
  { point, op, nth }: Pick<CampaignEntry, 'point' | 'op' | 'nth'>,
): Promise<CampaignEntry> {
  const { target } = ports;
  const hits: InjectionHit[] = [];
  const reader = new HitReader(target.module, (hit) => hits.push(hit));
  const off = target.log((line) => reader.push(line));
  const began = performance.now();
  const answer = await target.guest.control
    .request('exec', { argv: argvOf(ports, op, nth) }, { timeoutMs: OPERATION_MS })
    .catch((error: unknown): AgentAnswer => ({ status: -2, output: '', error: String(error) }));
  const said = parseSaid(answer.output);
  await target.guest.drain();
  const end = performance.now() + PRINT_MS;
  while (said?.injected && hits.length === 0 && performance.now() < end) {
    await waitFor(20, new AbortController().signal);
    await target.guest.drain();
  }
  off();
  reader.flush();
  const [hit] = said?.injected === false ? [] : hits;
  return {
    ...{ point, op, nth },
    ...judge(answer, said, ports.findings()),
    ...(hit !== undefined && { hit: hit.point, inModule: hit.inModule }),
    ...(said !== undefined && said.errno !== '' && { errno: said.errno }),
    ms: Math.round(performance.now() - began),
  };
}

function argvOf({ target, fstype, module }: EntryPorts, op: string, nth: number): readonly string[] {
  const where = op === 'load' ? [] : ['--dir', target.mountPoint];
  const what = ['--fstype', fstype, '--module', module.file, '--params', module.params];
  return ['/bin/vexpoint', ...where, ...what, '--nth', String(nth), op];
}

/** The worst that is known of it counts. */
function judge(
  answer: AgentAnswer,
  said: Said | undefined,
  findings: readonly Finding[],
): Pick<CampaignEntry, 'outcome' | 'detail'> {
  const [worst] = findings.filter(({ severity }) => atLeast(severity, 'major'));
  if (worst !== undefined) return { outcome: 'report', detail: worst.title };
  if (answer.status === -2) return { outcome: 'hang', detail: answer.error ?? 'no end within its time' };
  if (said === undefined) {
    const why = answer.error ?? (answer.output.trim().slice(-200) || `status ${answer.status}`);
    return answer.signal === undefined
      ? { outcome: 'skip', detail: why }
      : {
          outcome: 'report',
          detail: `the operation was ended by signal ${String(answer.signal)}, and nothing was reported`,
        };
  }
  if (said.data === 'skip') return { outcome: 'skip', detail: said.why };
  if (said.data === 'wrong') return { outcome: 'wrong-data', detail: said.why };
  if (!said.injected) return { outcome: 'not-reached' };
  return { outcome: said.ret < 0 ? 'error' : 'handled' };
}

function parseSaid(output: string): Said | undefined {
  try {
    const said = JSON.parse(output.trim().split('\n').at(-1) ?? '');
    return typeof said.injected === 'boolean' && typeof said.ret === 'number' ? said : undefined;
  } catch {
    return undefined;
  }
}
