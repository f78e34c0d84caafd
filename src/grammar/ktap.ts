import type { LogLine } from '../model/line.ts';
import type { ReportLine } from '../model/report.ts';
import type { HeadlineRow } from './headlines.ts';
import { OpenReport } from './open-report.ts';
import type { Profile } from './profiles.ts';
import { isKernelLine, readReportLine } from './report-line.ts';

/** A line of results, by its first words: most lines between are the tests' own chatter. */
const RESULT = /^ *(?:(?:not )?ok \d|1\.\.\d|K?TAP version \d|# |Expected )/;
/** Lines behind a failed expectation that may say what the values were. */
const VALUES = 4;
/** A run that says nothing for so long (seconds of kernel time) has ended. */
const SILENCE = 120;

/**
 * Test results in the kernel's log (KUnit). A run is a finding when a test failed; what all went well is nothing to report. Only what
 * tells of failures is kept, so that a run may be as long as it likes. Results of programs are theirs to report.
 */
export class KtapWatch {
  readonly #profile: Profile;
  #run: OpenReport | undefined;
  #time = 0;
  #planned: number | undefined;
  #results = 0;
  #failed = false;
  #values = 0;
  #depth = 0;

  constructor(profile: Profile) {
    this.#profile = profile;
  }

  get open(): boolean {
    return this.#run !== undefined;
  }

  /** A `KTAP version` line: of a new run, or of a suite within the one that is open. */
  begin(headline: HeadlineRow, line: LogLine): OpenReport | undefined {
    if (!isKernelLine(line)) return undefined;
    const depth = indentOf(line.body);
    if (this.#run && depth > this.#depth) return undefined;
    const before = this.end();
    this.#run = new OpenReport(this.#profile, headline, line, 'ktap', []);
    this.#depth = depth;
    this.#time = line.time ?? 0;
    return before;
  }

  /** True when the line is of the run. */
  takes(line: LogLine): boolean {
    const run = this.#run;
    if (!run || !isKernelLine(line)) return false;
    const value = this.#values > 0 && indentOf(line.body) >= 4 && !line.body.includes('+0x');
    if (!value && !RESULT.test(line.body)) return false;
    this.#values = Math.max(this.#values - 1, 0);
    if (line.time !== undefined) this.#time = line.time;
    this.#take(run, readReportLine(line, true));
    return true;
  }

  /** The run if it is over, and if it failed. */
  ended(time: number | undefined): OpenReport | undefined {
    const whole = this.#planned !== undefined && this.#results >= this.#planned;
    const silent = time !== undefined && Math.abs(time - this.#time) > SILENCE;
    return this.#run && (whole || silent) ? this.end() : undefined;
  }

  end(): OpenReport | undefined {
    const run = this.#failed ? this.#run : undefined;
    this.#run = undefined;
    this.#planned = undefined;
    this.#results = 0;
    this.#failed = false;
    this.#values = 0;
    return run;
  }

  #take(run: OpenReport, line: ReportLine): void {
    const own = indentOf(line.text) === this.#depth;
    if (line.kind === 'ktap-plan' && own) this.#planned ??= Number(line.fields.planned);
    if (line.kind === 'ktap-result' && own) this.#results++;
    const failure = line.kind === 'ktap-result' && line.fields.not !== undefined && line.fields.directive === undefined;
    if (failure) this.#failed = true;
    if (line.kind === 'ktap-failed') this.#values = VALUES;
    if ((failure || TELLING.has(line.kind)) && run.lines.length < this.#profile.maxLines) run.add(line);
  }
}

const TELLING: ReadonlySet<string> = new Set(['ktap-suite', 'ktap-failed', 'ktap-expected', 'ktap-value', 'ktap-plan']);

function indentOf(text: string): number {
  return text.length - text.trimStart().length;
}
