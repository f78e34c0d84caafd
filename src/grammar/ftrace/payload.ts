/**
 * Takes a payload `key=value key=value` apart. Values may hold blanks (`comm=npm view execa  pid=12744`, `prev_state=R ==> next_comm=…`):
 * a value reaches to the blank before the next `key=`. A value that forges a key cannot be told from one; of a repeated key the
 * first counts, as the kernel prints numbers before names where it matters to us.
 */
export function payloadFields(payload: string): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  let name = '';
  let start = 0;
  for (const found of payload.slice(0, MAX_PAYLOAD).matchAll(KEY)) {
    if (name !== '') keep(fields, name, payload.slice(start, found.index));
    name = found[1] ?? '';
    start = found.index + found[0].length;
  }
  if (name !== '') keep(fields, name, payload.slice(start));
  return fields;
}

const MAX_PAYLOAD = 8192;
const KEY = /(?:^| )([A-Za-z_][A-Za-z0-9_]*)=/g;

function keep(fields: Map<string, string>, name: string, value: string): void {
  if (!fields.has(name)) fields.set(name, value.endsWith(' ==>') ? value.slice(0, -4) : value);
}

/**
 * The values of keys that stand in this order at the payload's start, null when they do not. Fields behind them are ignored, so
 * that an event may grow at its end. Much faster than `payloadFields`.
 */
export function payloadInOrder(payload: string, keys: readonly string[]): string[] | null {
  const values: string[] = [];
  let at = 0;
  for (let i = 0; i < keys.length; i++) {
    const head = `${keys[i]}=`;
    if (!payload.startsWith(head, at)) return null;
    const from = at + head.length;
    const next = keys[i + 1];
    const end = next === undefined ? endOfValue(payload, from) : payload.indexOf(` ${next}=`, from);
    if (end < 0) return null;
    values.push(payload.slice(from, end));
    at = end + 1;
  }
  return values;
}

function endOfValue(payload: string, from: number): number {
  const key = payload.indexOf('=', from);
  if (key < 0) return payload.length;
  const blank = payload.lastIndexOf(' ', key);
  return blank < from ? payload.length : blank;
}
