/** Names as syslog(3) and dmesg give them, in the order of their numbers. */
const FACILITIES = 'kern user mail daemon auth syslog lpr news uucp cron authpriv ftp'.split(' ');
const LEVELS = ['emerg', 'alert', 'crit', 'err', 'warn', 'notice', 'info', 'debug'];

/** What the number before a message says of it. */
export interface Priority {
  readonly level: number;
  /** Who wrote it, where that is not the kernel: printk has facility 0, and who writes to /dev/kmsg cannot have it (kernel/printk/printk.c devkmsg_write). */
  readonly ident?: string;
}

/** `12` is facility 1, level 4. */
export function readPriority(number: number): Priority {
  const facility = number >> 3;
  return { level: number & 7, ...(facility !== 0 && { ident: FACILITIES[facility] ?? `facility ${facility}` }) };
}

/** `user` and `warn`, as dmesg -x writes. */
export function namedPriority(facility: string, level: string): Priority | undefined {
  const at = LEVELS.indexOf(level);
  return at < 0 ? undefined : { level: at, ...(facility !== 'kern' && { ident: facility }) };
}
