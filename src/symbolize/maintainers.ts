/** A section of the MAINTAINERS file of a kernel tree, in the words of its own head: `M:` people, `F:` files, … */
export interface MaintainersSection {
  readonly title: string;
  /** `Supported`, `Maintained`, `Orphan`, … */
  readonly status?: string;
  readonly people: readonly { readonly role: PersonRole; readonly who: string }[];
  readonly files: readonly PathGlob[];
  readonly excluded: readonly PathGlob[];
  /** Expressions for the path (`N:`) and for what is in the file (`K:`), in Perl's syntax. */
  readonly names: readonly string[];
  readonly content: readonly string[];
}

export type PersonRole = 'maintainer' | 'reviewer' | 'list';

/** A path with `*` and `?`, which do not match `/`. */
export interface PathGlob {
  readonly parts: readonly string[];
  /** It ends in `/`: all below it counts. */
  readonly below: boolean;
}

const PEOPLE: Readonly<Record<string, PersonRole>> = { M: 'maintainer', R: 'reviewer', L: 'list' };
/** Longest line that counts, in characters. */
const MAX_LINE = 1000;

/**
 * Reads a MAINTAINERS file: a line that has no letter and colon at its beginning is the title of the section whose entries follow
 * (scripts/get_maintainer.pl read_maintainer_file). What is none of the entries above is passed over.
 */
export function parseMaintainers(text: string): readonly MaintainersSection[] {
  const sections: MaintainersSection[] = [];
  let title = '';
  let open: OpenSection | undefined;
  for (const line of text.split('\n')) {
    if (line.length > MAX_LINE) continue;
    const key = line[1] === ':' && line[0] !== undefined && line[0] >= 'A' && line[0] <= 'Z' ? line[0] : undefined;
    if (key !== undefined) {
      if (open === undefined) {
        open = new OpenSection(title);
        sections.push(open);
      }
      open.add(key, line.slice(2).trim());
    } else if (line.trim() !== '') {
      title = line.trim();
      open = undefined;
    }
  }
  return sections;
}

class OpenSection implements MaintainersSection {
  readonly title: string;
  status?: string;
  readonly people: { role: PersonRole; who: string }[] = [];
  readonly files: PathGlob[] = [];
  readonly excluded: PathGlob[] = [];
  readonly names: string[] = [];
  readonly content: string[] = [];

  constructor(title: string) {
    this.title = title;
  }

  add(key: string, value: string): void {
    const role = PEOPLE[key];
    if (value === '') return;
    if (role !== undefined) this.people.push({ role, who: value });
    else if (key === 'S') this.status ??= value;
    else if (key === 'F') this.files.push(globOf(value));
    else if (key === 'X') this.excluded.push(globOf(value));
    else if (key === 'N') this.names.push(value);
    else if (key === 'K') this.content.push(value);
  }
}

function globOf(value: string): PathGlob {
  const below = value.endsWith('/');
  return { parts: (below ? value.slice(0, -1) : value).split('/'), below };
}

/** How well a path fits, by the depth of the glob; undefined when it does not. A folder without `/` at its end counts as one with it. */
export function globDepth({ parts, below }: PathGlob, path: readonly string[]): number | undefined {
  const folder =
    below || (parts.length < path.length && !parts.some((part) => part.includes('*') || part.includes('?')));
  const count = folder ? parts.length < path.length : parts.length === path.length;
  if (!count || !parts.every((part, index) => fits(part, path[index] ?? ''))) return undefined;
  return parts.every((part) => part === '*') ? ANYWHERE : parts.length;
}

/** Of a glob that says nothing, as `*` and `*` with a slash in the section for all that nobody else has. */
export const ANYWHERE = -1;

/** `*` is any characters, `?` one. Goes back to the last `*` only, so that it ends soon whatever the glob. */
function fits(glob: string, text: string): boolean {
  let at = 0;
  let star = -1;
  let resume = 0;
  for (let i = 0; i < text.length; ) {
    if (glob[at] === '*') {
      star = at++;
      resume = i;
    } else if (at < glob.length && (glob[at] === '?' || glob[at] === text[i])) {
      at += 1;
      i += 1;
    } else if (star >= 0) {
      at = star + 1;
      i = ++resume;
    } else {
      return false;
    }
  }
  while (glob[at] === '*') at += 1;
  return at === glob.length;
}
