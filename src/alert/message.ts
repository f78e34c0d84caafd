import { escapeTerminal } from '../base/text.ts';
import { atLeast, type Severity } from '../model/classification.ts';
import type { Transition } from './transition.ts';

/** What a run is, for who reads a message far away. */
export interface AboutRun {
  readonly tool: string;
  /** Name of the machine that it goes on on. */
  readonly host: string;
  readonly command: readonly string[];
  readonly folder?: string;
}

/** Several alerts as one message: the body of a webhook, the input of a command. */
export interface AlertMessage {
  readonly schema: 'vexfs-trace/alerts/1';
  readonly run: AboutRun;
  /** `firing` when one of them is. */
  readonly state: Transition['state'];
  /** The worst of those that fire, else of all. */
  readonly severity: Severity;
  readonly alerts: readonly Transition[];
  /** So many are not listed. */
  readonly more: number;
}

const MAX_ALERTS = 50;
const MAX_TEXT = 500;

/** One or more. Texts come from guests: they are bounded, and control characters are escaped. */
export function alertMessage(run: AboutRun, transitions: readonly Transition[]): AlertMessage {
  const firing = transitions.filter(({ state }) => state === 'firing');
  const worst = (firing.length > 0 ? firing : transitions).reduce<Severity>(
    (severity, one) => (atLeast(one.severity, severity) ? one.severity : severity),
    'info',
  );
  return {
    schema: 'vexfs-trace/alerts/1',
    run,
    state: firing.length > 0 ? 'firing' : 'resolved',
    severity: worst,
    alerts: transitions.slice(0, MAX_ALERTS).map((one) => ({ ...one, text: clean(one.text) })),
    more: Math.max(0, transitions.length - MAX_ALERTS),
  };
}

/** A line for each alert. */
export function alertLines({ alerts, more }: AlertMessage): string[] {
  return [
    ...alerts.map(({ state, rule, severity, text }) => `alert ${state}: ${rule} (${severity}): ${text}`),
    ...(more > 0 ? [`and ${more} more alerts`] : []),
  ];
}

function clean(text: string): string {
  return escapeTerminal(text).slice(0, MAX_TEXT);
}
