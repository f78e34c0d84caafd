import { toNdjson } from '../base/ndjson.ts';
import { toJson } from '../base/text.ts';
import type { OpenSink } from './sink.ts';

const REPORT_SCHEMA = 'vexfs-trace/report/1';

/** One JSON document: schema, tool, events, inputs, summary. It is written as the events come, one on a line. */
export const openJson: OpenSink = ({ write, version }) => {
  let separator = '\n';
  const head = JSON.stringify({ schema: REPORT_SCHEMA, tool: { name: 'vexfs-trace', version } });
  write(`${head.slice(0, -1)},"events":[`);
  return {
    event(event) {
      write(`${separator}${toJson(event)}`);
      separator = ',\n';
    },
    close({ logs, ...summary }) {
      const tail = toJson({ inputs: logs, summary });
      write(`\n],${tail.slice(1)}\n`);
    },
  };
};

/** The event contract: an event a line. */
export const openNdjson: OpenSink = ({ write }) => ({
  event: (event) => write(toNdjson(event)),
  close: () => {},
});
