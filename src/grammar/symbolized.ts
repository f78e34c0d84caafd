/** `vfs_write (fs/read_write.c:582 (discriminator 3)) vexfs`, as scripts/decode_stacktrace.sh writes it. */
const DECODED =
  /([A-Za-z_][A-Za-z0-9_.]*) \(([^\s():]{1,256}):(\d{1,7})(?:[^()]{0,512}(?:\(discriminator \d{1,6}\))?)?\)(?: ([A-Za-z0-9_-]{1,64})$|(?=$|[ \],]))/;

/** No function of a kernel has this size: a place that was made up. */
export const NO_SIZE = '0x0';

/**
 * Undoes what scripts/decode_stacktrace.sh does to a line, so that its names stand where the tables look for them:
 * `name (file:1) module` becomes `name+0x0/0x0 file:1 [module]`.
 */
export function undecoded(body: string): string {
  if (!body.includes(' (') || !body.includes(':')) return body;
  const m = DECODED.exec(body);
  if (!m) return body;
  const [whole, name, file, line, module] = m;
  if (!isSource(file ?? '')) return body;
  const place = `${name}+0x0/${NO_SIZE} ${file}:${line}${module === undefined ? '' : ` [${module}]`}`;
  return body.slice(0, m.index) + place + body.slice(m.index + whole.length);
}

/** A line about a function that the compiler put into the one of the next line: `name fs/a.c:1 [inline]`. */
export function isInlined(body: string): boolean {
  return body.endsWith('[inline]');
}

function isSource(file: string): boolean {
  return ['.c', '.h', '.S', '.rs'].some((ending) => file.endsWith(ending));
}
