import type { RawLine } from '../base/lines.ts';

/** `prio,seq,usec,flags[,caller=…];` before the text of a record. */
const HEAD = /^\d{1,4},(\d+),\d+,[^;]{0,128};/;
const ESCAPE = /\\x([0-9a-f]{2})/g;
const ESCAPED_RUN = /(?:\\x[0-9a-f]{2})+/g;
/** A record has at most PRINTKRB_RECORD_MAX bytes of text; more lines than that come from no kernel. */
const MAX_PARTS = 1024;

/**
 * Records of /dev/kmsg as lines of a log (Documentation/ABI/testing/dev-kmsg; kernel/printk/printk.c msg_add_ext_text and
 * devkmsg_read). A record is one line: what is not printable ASCII stands there as `\xHH`, newlines of its text included.
 * Lines with a leading blank (` SUBSYSTEM=block`) are properties of the record before and no text.
 */
export class KmsgRecords {
  #within = false;
  #seq: number | undefined;

  /** The text lines of a raw line, each with the record's head; a line of another format as it is, a property line as none. */
  expand(raw: RawLine): readonly RawLine[] {
    const head = isDigit(raw.text.charCodeAt(0)) ? HEAD.exec(raw.text)?.[0] : undefined;
    if (head === undefined) {
      if (this.#within && raw.text.startsWith(' ')) return NOTHING;
      this.#within = false;
      return [raw];
    }
    this.#within = true;
    if (!raw.text.includes('\\x')) return [raw];
    const parts = decodeEscapes(raw.text.slice(head.length)).split('\n', MAX_PARTS);
    return parts.map((part, i) => ({ ...raw, text: head + part, cut: raw.cut && i === 0 }));
  }

  /** How many records are missing right before the one with this number; 0 at the start and after a reboot, which counts anew. */
  lostBefore(seq: number): number {
    const last = this.#seq;
    this.#seq = seq;
    return last === undefined || seq <= last ? 0 : seq - last - 1;
  }
}

const NOTHING: readonly RawLine[] = [];

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

/** Bytes that stand together are decoded together: a character of UTF-8 is several of them. */
function decodeEscapes(text: string): string {
  return text.replace(ESCAPED_RUN, (run) =>
    Buffer.from([...run.matchAll(ESCAPE)].map(([, hex]) => Number.parseInt(hex as string, 16))).toString('utf8'),
  );
}
