import type { LogLine } from '../model/line.ts';

/** The shortest prefix that a collector writes: `[  +0.000030] ` of dmesg -e. */
const MIN_INDENT = 14;

/**
 * dmesg, journalctl and vmcore-dmesg print a message of several lines with one prefix and indent the others by its width
 * (util-linux sys-utils/dmesg.c print_record, systemd src/shared/logs-show.c print_multiline, kexec-tools util_lib/elf_info.c).
 * Such a line belongs to the message above it.
 */
export class Continuations {
  #first: LogLine | undefined;
  #indent = '';

  /** The line as it is, or with what the prefix of its message says. */
  read(line: LogLine): LogLine {
    const width = line.text.length - line.body.length;
    if (width > 0) {
      this.#first = width < MIN_INDENT ? undefined : line;
      if (this.#indent.length !== width) this.#indent = ' '.repeat(Math.min(width, 256));
      return line;
    }
    if (line.text === '' || this.#first === undefined) return line;
    if (!line.text.startsWith(this.#indent)) {
      this.#first = undefined;
      return line;
    }
    const { time, level, caller, wall, ident, boot } = this.#first;
    return {
      ...line,
      body: line.text.slice(this.#indent.length),
      ...(time !== undefined && { time }),
      ...(level !== undefined && { level }),
      ...(caller !== undefined && { caller }),
      ...(wall !== undefined && { wall }),
      ...(ident !== undefined && { ident }),
      ...(boot !== undefined && { boot }),
    };
  }

  clear(): void {
    this.#first = undefined;
  }
}
