/** Which test the lines of a kernel log belong to: written into the log itself, by way of /dev/kmsg, as it begins and as it ends. */
export interface TestMarker {
  readonly test: string;
  readonly begins: boolean;
}

const PREFIX = 'vexfs-trace: test ';
/** Names of tests, and the number of their round: nothing that a shell, a path or a log would read as something else. */
const ID = /^[a-z0-9][a-z0-9.-]{0,99}$/;

export function markerText({ test, begins }: TestMarker): string {
  return `${PREFIX}${test} ${begins ? 'begins' : 'ends'}`;
}

/** What a line of the log says, without its prefix; undefined when it is no marker. */
export function markerOf(text: string): TestMarker | undefined {
  if (!text.startsWith(PREFIX)) return undefined;
  const [test = '', word] = text.slice(PREFIX.length).trimEnd().split(' ');
  if ((word !== 'begins' && word !== 'ends') || !ID.test(test)) return undefined;
  return { test, begins: word === 'begins' };
}
