import { ExpectedError } from '../base/errors.ts';
import { NO_BTF, PRIVILEGE } from './check.ts';
import type { LoaderAnswer } from './core-loader.ts';

const [EPERM, ENOENT, EACCES, EBUSY] = [1, 2, 13, 16];

type Row = (answer: { status: number; error: string; log: string }) => string | null;

/** What the loader, libbpf or the verifier would not do, in one sentence. A program that is wrong is the user's to mend. */
export function explainFailure({ status, error = '', log = '' }: LoaderAnswer, probe: string): ExpectedError {
  const answer = { status, error, log };
  const refusal = verifierWords(answer.log);
  if (refusal !== null) return new ExpectedError('usage', `${probe}: ${refusal}`);
  const lack = ROWS.map((row) => row(answer)).find((sentence) => sentence !== null);
  const hint = error.startsWith(INTERFACE) ? 'name one with --interface; ip link lists them' : undefined;
  return new ExpectedError('missing', `${probe}: ${lack ?? error}`, hint);
}

const INTERFACE = 'interface: ';

/** In the order in which they are tried. */
const ROWS: readonly Row[] = [
  ({ error }) => (error.startsWith(INTERFACE) ? error.slice(INTERFACE.length) : null),
  ({ log }) => (/failed to find valid kernel BTF|kernel BTF is missing/.test(log) ? NO_BTF : null),
  ({ status, error }) => {
    const section = /^attach: \S+ to (\S+):/.exec(error)?.[1];
    if (section === undefined) return null;
    if (status === ENOENT) return `the kernel has no tracepoint ${section.replace(/^[^/]*\//, '')}`;
    return status === EBUSY ? 'another XDP program is on that interface' : null;
  },
  ({ status }) => (status === EPERM || status === EACCES ? PRIVILEGE : null),
];

/** The last words of the verifier's log (kernel/bpf/verifier.c), and the line of the program that they are about (`; text @ file:line`). */
function verifierWords(log: string): string | null {
  const lines = log.split('\n');
  const end = lines.findLastIndex((line) => line.startsWith('-- END PROG LOAD LOG --'));
  if (end < 0) return null;
  const said = lines.slice(0, end).filter((line) => !/^processed \d+ insns|^$/.test(line));
  const words = said.at(-1) ?? 'without a word';
  const source = said.findLast((line) => /^; ./.test(line) && !/^;\s+@/.test(line));
  const program = /prog '(\w+)'/.exec(log)?.[1];
  const place = source === undefined ? '' : ` at: ${source.slice(2).trim()}`;
  return `the kernel's verifier refused ${program ?? 'the program'}: ${words.trim()}${place}`;
}
