import { hostname } from 'node:os';
import { AlertEvaluator } from '../alert/evaluator.ts';
import { alertLines } from '../alert/message.ts';
import { type Channel, Notifier } from '../alert/notifier.ts';
import { command, desktop } from '../alert/programs.ts';
import type { Send } from '../alert/rule-schema.ts';
import { readSilences, type Silence, silencesFile } from '../alert/silences.ts';
import type { Transition } from '../alert/transition.ts';
import { webhook } from '../alert/webhook.ts';
import { messageOf } from '../base/errors.ts';
import { checkCommands, readAlertFile, readBaselines } from './alert-files.ts';
import { openHistory } from './alert-history.ts';
import type { RunWatcher } from './run-watcher.ts';
import { TOOL } from './version.ts';

export interface AlertOptions {
  /** Files of rules, or `built-in`. */
  readonly rules: readonly string[];
  /** Programs that rules may run. */
  readonly commands: readonly string[];
  readonly command: readonly string[];
  /** Folder of the run, where its alerts are kept; absent: they are not. */
  readonly folder?: string;
  readonly tell: (line: string) => void;
  readonly warn: (message: string) => void;
  readonly onAlert?: (severity: string, state: Transition['state']) => void;
}

/** Evaluates alerts as a run goes on, keeps what came of them, and sends it. Fails with exit 2 where the rules are wrong. */
export function openAlerts(options: AlertOptions): RunWatcher {
  const { tell, warn, folder } = options;
  const files = options.rules.map(readAlertFile);
  checkCommands(files, options.commands);
  const baselines = readBaselines(files);
  const run = { tool: TOOL, host: hostname(), command: options.command, ...(folder !== undefined && { folder }) };
  const silences = liveSilences(warn);
  const keep = openHistory(folder, warn);
  const watched = files.map(({ rules, group, send }) => ({
    evaluator: new AlertEvaluator(rules, baselines),
    notifier: new Notifier({ run, channels: send.map((one) => channelOf(one, tell)), groupMs: group, silences, warn }),
  }));
  return {
    event: (event, lane) => {
      for (const { evaluator, notifier } of watched)
        for (const transition of evaluator.event(event, lane)) {
          const silenced = notifier.add(transition);
          keep({ ...transition, ...(silenced !== undefined && { silenced }) });
          options.onAlert?.(transition.severity, transition.state);
        }
    },
    close: async () => {
      await Promise.all(watched.map(({ notifier }) => notifier.close()));
    },
  };
}

function channelOf(send: Send, tell: (line: string) => void): Channel {
  switch (send.to) {
    case 'terminal':
      return terminal(tell);
    case 'desktop':
      return desktop(process.env);
    case 'webhook':
      return webhook(send, process.env);
    case 'command':
      return command(send, process.env);
  }
}

function terminal(tell: (line: string) => void): Channel {
  return {
    name: 'terminal',
    send: async (message) => {
      for (const line of alertLines(message)) tell(line);
      return undefined;
    },
  };
}

/** As they stand in the file now: one may be silenced while a run goes on. */
function liveSilences(warn: (message: string) => void): () => readonly Silence[] {
  const file = silencesFile();
  let warned = false;
  return () => {
    try {
      return readSilences(file, Date.now());
    } catch (error) {
      if (!warned) warn(messageOf(error));
      warned = true;
      return [];
    }
  };
}
