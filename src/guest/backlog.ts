/** What a follow script says of the log before its stream: seconds since boot and the newest line as `dmesg -r` prints it. */
export interface LogEnd {
  readonly uptime: number;
  readonly last: string;
}

const MAX_PENDING = 16 * 1024;
const NL = 0x0a;

/**
 * Leaves out of a kernel log what was said before it was joined; /dev/kmsg begins with the oldest record that the kernel
 * still has, and a shell cannot seek in it. A record belongs to the past when its time is not later than that of `end`;
 * one that was printed in the same microsecond is lost to this. Whatever the chunks, the output begins with a record.
 */
export function createBacklogFilter(end: LogEnd): (bytes: Uint8Array) => Uint8Array {
  // A log that was cleared (dmesg -C) has no last line; uptime is the same clock but for some milliseconds.
  const border = microseconds(end.last) ?? end.uptime * 1e6;
  let pending: Uint8Array = new Uint8Array(0);
  let passed = false;
  return (bytes) => {
    if (passed) return bytes;
    const all = Buffer.concat([pending, bytes]);
    for (let from = 0; ; ) {
      const to = all.indexOf(NL, from);
      const text = all.toString('latin1', from, Math.min(to < 0 ? all.length : to, from + 64));
      if (to >= 0 && (microseconds(text) ?? 0) > border) {
        passed = true;
        pending = NOTHING;
        return all.subarray(from);
      }
      if (to < 0) {
        // A head that was cut off stays no head: such a line cannot begin the stream.
        pending = all.length - from > MAX_PENDING ? Buffer.from('-') : Buffer.from(all.subarray(from));
        return NOTHING;
      }
      from = to + 1;
    }
  };
}

const NOTHING = new Uint8Array(0);

/** Time of a line of /dev/kmsg (`6,12,1869453171,-;`) or `dmesg -r` (`<6>[ 1869.453171] `). */
function microseconds(line: string): number | undefined {
  const kmsg = /^\d+,\d+,(\d+),/.exec(line);
  if (kmsg !== null) return Number(kmsg[1]);
  const dmesg = /^<\d+>\[ *(\d+)\.(\d{6})\]/.exec(line);
  return dmesg === null ? undefined : Number(`${dmesg[1]}${dmesg[2]}`);
}
