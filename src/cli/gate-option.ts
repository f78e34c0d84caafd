import { Option } from 'commander';
import { type Gate, readGate } from '../run/compare-runs.ts';

/** What a comparison at the end of a run must not find, unless it is told otherwise. */
export const DEFAULT_GATE = 'p<0.01,delta>5%';

export function parseGateOption(text: string): Gate {
  return readGate(text);
}

export function gateOption(): Option {
  return new Option('--fail-on-regression <rules>', `exit code 1 when a metric worsens so: ${DEFAULT_GATE}`).argParser(
    parseGateOption,
  );
}
