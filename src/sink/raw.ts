import { isFinding } from '../model/event.ts';
import { manyLines } from './escape.ts';
import { logPlace, placeText } from './places.ts';
import type { OpenSink } from './sink.ts';

const NL = 0x0a;

/**
 * The bytes of each report as they stood in the log, and nothing else, so that a single report comes out as it went in. At a
 * terminal control characters are escaped.
 */
export const openRaw: OpenSink = ({ write, warn, terminal }) => {
  let atLineStart = true;
  return {
    event(event, { raw }) {
      if (!isFinding(event)) return;
      const place = placeText(logPlace(event));
      if (raw === undefined) {
        warn(`${place}: the report does not stand in one place as text`);
        return;
      }
      if (raw.missing > 0) warn(`${place}: the first ${raw.missing} bytes of the report are no longer kept`);
      const { bytes } = raw;
      if (bytes.length === 0) return;
      // The last report of a log may end without a line end.
      if (!atLineStart) write('\n');
      write(terminal ? manyLines(Buffer.from(bytes).toString('utf8')) : bytes);
      atLineStart = bytes[bytes.length - 1] === NL;
    },
    close: () => {},
  };
};
