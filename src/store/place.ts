import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';

export type Place =
  | { readonly kind: 'sqlite'; readonly file: string; readonly shown: string }
  | { readonly kind: 'postgres'; readonly url: string; readonly shown: string };

/** Where a store is: a file, or `postgresql://…` (postgres:// as well). Absent: the file of this user. */
export function placeOf(text: string | undefined): Place {
  if (text === undefined) return { kind: 'sqlite', file: defaultFile(), shown: defaultFile() };
  if (/^postgres(ql)?:\/\//.test(text)) return { kind: 'postgres', url: text, shown: withoutPassword(text) };
  return { kind: 'sqlite', file: text, shown: text };
}

function defaultFile(): string {
  const base = process.env.XDG_DATA_HOME ?? '';
  // XDG Base Directory Specification: a path that is not absolute is to be ignored.
  return join(isAbsolute(base) ? base : join(homedir(), '.local', 'share'), 'vexfs-trace', 'store.sqlite');
}

/** What is between the name and the last @ before the path; and as a parameter. */
function withoutPassword(url: string): string {
  const start = url.indexOf('://') + 3;
  const slash = url.slice(start).search(/[/?]/);
  const authority = slash < 0 ? url.slice(start) : url.slice(start, start + slash);
  const at = authority.lastIndexOf('@');
  const user = authority.slice(0, Math.max(0, at)).split(':')[0];
  const rest = `${authority.slice(at + 1)}${slash < 0 ? '' : url.slice(start + slash)}`;
  return `${url.slice(0, start)}${at < 0 ? '' : `${user}@`}${rest.replaceAll(/([?&]password=)[^&]*/gi, '$1…')}`;
}
