import { expect, test } from 'vitest';
import { LogStream } from './console-stream.ts';

const CLEAN = '[   12.345678] systemd[1]: Started Session 1 of User root.\n';
/** Headline and body as kernel/panic.c and lib/dump_stack.c print them. */
const WARNING = `[   20.000001] ------------[ cut here ]------------
[   20.000002] WARNING: CPU: 0 PID: 7 at fs/demo.c:12 demo_write+0x1a/0x40 [demo]
[   20.000003] CPU: 0 PID: 7 Comm: sh Not tainted 6.1.0 #1
[   20.000004] RIP: 0010:demo_write+0x1a/0x40 [demo]
[   20.000005] Call Trace:
[   20.000006]  <TASK>
[   20.000007]  vfs_write+0xb7/0x3c0
[   20.000008]  ksys_write+0x5f/0xe0
[   20.000009]  do_syscall_64+0x3b/0x90
[   20.000010]  </TASK>
[   20.000011] ---[ end trace 0000000000000000 ]---
`;

function read(stream: 'file' | 'console', text: string, chunk: number) {
  const found: unknown[] = [];
  const log = new LogStream({
    stream,
    live: false,
    onLine: () => {},
    onUpdate: ({ report, final }) => {
      if (final) found.push(report.lines.map(({ place, text }) => [place.byte, place.line, text]));
    },
  });
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += chunk) log.push(bytes.subarray(at, at + chunk), 0);
  log.end();
  return found;
}

test.each([1000, 4099, 65_536, 1 << 20])(
  'passing over clean blocks changes nothing, in chunks of %d bytes',
  (chunk) => {
    const text = CLEAN.repeat(3000) + WARNING + CLEAN.repeat(4000) + WARNING + CLEAN.repeat(10);
    const whole = read('console', text, text.length);
    expect(whole).toHaveLength(2);
    expect(read('file', text, chunk)).toEqual(whole);
  },
);
