import { PRIVILEGE } from './check.ts';
import type { LoaderAnswer } from './core-loader.ts';

const [EPERM, ENOENT, EACCES, EBUSY] = [1, 2, 13, 16];

type Row = (answer: { status: number; error: string; log: string }, probe: string) => string | null;

/** One sentence on what the loader, libbpf or the verifier would not do. */
export function explainFailure({ status, error = '', log = '' }: LoaderAnswer, probe: string): string {
  for (const row of ROWS) {
    const sentence = row({ status, error, log }, probe);
    if (sentence !== null) return sentence;
  }
  return `${probe}: ${error}`;
}

/** In the order in which they are tried: the verifier refuses with EACCES, too. */
const ROWS: readonly Row[] = [
  ({ log }, probe) => verifierWords(log, probe),
  ({ error }, probe) => (error.startsWith('interface: ') ? `${probe}: ${error.slice('interface: '.length)}` : null),
  ({ log }, probe) =>
    /failed to find valid kernel BTF|kernel BTF is missing/.test(log)
      ? `${probe}: the kernel has no types of its own (BTF, CONFIG_DEBUG_INFO_BTF)`
      : null,
  ({ status, error }, probe) => {
    const [, program, section = ''] = /^attach: (\S+) to (\S+):/.exec(error) ?? [];
    if (program === undefined) return null;
    if (status === ENOENT) return `${probe}: the kernel has no tracepoint ${section.replace(/^[^/]*\//, '')}`;
    return status === EBUSY ? `${probe}: another XDP program is on that interface` : null;
  },
  ({ status }, probe) => (status === EPERM || status === EACCES ? `${probe}: ${PRIVILEGE}` : null),
];

/** The last words of the verifier's log (kernel/bpf/verifier.c), and the line of the program that they are about (`; text @ file:line`). */
function verifierWords(log: string, probe: string): string | null {
  const lines = log.split('\n');
  const end = lines.findLastIndex((line) => line.startsWith('-- END PROG LOAD LOG --'));
  if (end < 0) return null;
  const said = lines.slice(0, end).filter((line) => !/^processed \d+ insns|^$/.test(line));
  const words = said.at(-1) ?? 'without a word';
  const source = said.findLast((line) => /^; ./.test(line) && !/^;\s+@/.test(line));
  const program = /prog '(\w+)'/.exec(log)?.[1];
  const place = source === undefined ? '' : ` at: ${source.slice(2).trim()}`;
  return `${probe}: the kernel's verifier refused ${program ?? 'the program'}: ${words.trim()}${place}`;
}
