import { runConfined } from '../base/run-confined.ts';
import { alertLines } from './message.ts';
import type { Channel } from './notifier.ts';
import type { SendOf } from './rule-schema.ts';

/**
 * Runs a program for each message. No shell sees anything of it: the message is JSON on standard input, and the least of it in variables
 * of the environment.
 */
export function command(
  { run: [program = '', ...args], timeout }: SendOf<'command'>,
  environment: NodeJS.ProcessEnv,
): Channel {
  return {
    name: `command ${program}`,
    async send(message, signal) {
      const { state, severity, alerts, more } = message;
      const env = {
        ...environment,
        VEXFS_ALERT_STATE: state,
        VEXFS_ALERT_SEVERITY: severity,
        VEXFS_ALERT_COUNT: String(alerts.length + more),
        VEXFS_ALERT_RULES: [...new Set(alerts.map(({ rule }) => rule))].join(','),
      };
      const input = `${JSON.stringify(message)}\n`;
      const { ok, text } = await runConfined(program, args, { env, limitMs: timeout, signal, input });
      return ok ? undefined : text;
    },
  };
}

const DESKTOP_MS = 5000;
const MAX_LINES = 6;

/** The desktop's notifications, by notify-send (libnotify), which takes some markup in the text. */
export function desktop(environment: NodeJS.ProcessEnv): Channel {
  return {
    name: 'desktop',
    async send(message, signal) {
      const lines = alertLines(message);
      const shown = lines.slice(0, MAX_LINES).map(withoutMarkup);
      const summary = `vexfs-trace: ${lines.length} ${lines.length === 1 ? 'alert' : 'alerts'} ${message.state}`;
      const urgency = message.state === 'firing' ? 'critical' : 'normal';
      const args = ['--app-name=vexfs-trace', `--urgency=${urgency}`, '--', summary, shown.join('\n')];
      const { ok, text } = await runConfined('notify-send', args, { env: environment, limitMs: DESKTOP_MS, signal });
      return ok ? undefined : text;
    },
  };
}

function withoutMarkup(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
