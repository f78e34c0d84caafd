import { existsSync, readFileSync, statSync } from 'node:fs';
import { join, normalize } from 'node:path';
import { RE2JS } from 're2js';
import { ExpectedError, messageOf } from '../base/errors.ts';
import { ANYWHERE, globDepth, type MaintainersSection, type PersonRole, parseMaintainers } from './maintainers.ts';

/** Whom a file belongs to, by one entry of MAINTAINERS. */
export interface Maintainer {
  readonly role: PersonRole;
  /** `Full Name <address>`, or the address of a list. */
  readonly who: string;
  readonly section: string;
  readonly status?: string;
}

const MAX_BYTES = 16 * 1024 * 1024;
/** Largest source file that is searched for what a section looks for. */
const MAX_SOURCE = 1024 * 1024;
const MAX_PEOPLE = 40;

/** A folder with the sources of a kernel. */
export class KernelTree {
  readonly path: string;
  readonly #sections: readonly MaintainersSection[];
  readonly #known = new Map<string, readonly Maintainer[]>();
  readonly #compiled = new Map<string, RE2JS | null>();

  /** Fails with a sentence when it is none. */
  constructor(path: string) {
    this.path = path;
    this.#sections = parseMaintainers(readText(path));
  }

  /** Those of the file, the most special section first. Empty when the name is none of a source tree. */
  maintainersOf(file: string): readonly Maintainer[] {
    let people = this.#known.get(file);
    if (people === undefined) {
      people = this.#find(file);
      this.#known.set(file, people);
    }
    return people;
  }

  #find(file: string): readonly Maintainer[] {
    if (file === '' || file.startsWith('/') || normalize(file).startsWith('..')) return [];
    const path = file.split('/');
    let source: string | undefined;
    const text = () => {
      source ??= readSource(join(this.path, file));
      return source;
    };
    const found = this.#sections.flatMap((section) => {
      const depth = this.#depth(section, path, file, text);
      return depth === undefined ? [] : { section, depth };
    });
    // The section for the rest of the kernel has nothing to add to one that is about this file.
    const own = found.filter(({ depth }) => depth > ANYWHERE);
    const sorted = (own.length > 0 ? own : found).sort((a, b) => b.depth - a.depth);
    const people = sorted.flatMap(({ section: { title, status, people } }) =>
      people.map(({ role, who }) => ({ role, who, section: title, ...(status !== undefined && { status }) })),
    );
    return [...new Map(people.toReversed().map((person) => [`${person.role} ${person.who}`, person])).values()]
      .toReversed()
      .slice(0, MAX_PEOPLE);
  }

  /** As scripts/get_maintainer.pl counts: the depth of the glob, 0 for what was found by an expression. */
  #depth(section: MaintainersSection, path: readonly string[], file: string, text: () => string): number | undefined {
    if (section.excluded.some((glob) => globDepth(glob, path) !== undefined)) return undefined;
    const depths = section.files.flatMap((glob) => globDepth(glob, path) ?? []);
    if (depths.length > 0) return Math.max(...depths);
    if (section.names.some((expression) => this.#matches(expression, file))) return 0;
    return section.content.some((expression) => this.#matches(expression, text())) ? 0 : undefined;
  }

  /** An expression that RE2 does not know matches nothing. */
  #matches(expression: string, text: string): boolean {
    let compiled = this.#compiled.get(expression);
    if (compiled === undefined) {
      compiled = compile(expression);
      this.#compiled.set(expression, compiled);
    }
    return compiled?.matcher(text).find() === true;
  }
}

function compile(expression: string): RE2JS | null {
  try {
    return RE2JS.compile(expression);
  } catch {
    return null;
  }
}

function readText(tree: string): string {
  const path = join(tree, 'MAINTAINERS');
  const hint = 'name the folder of a kernel source tree';
  if (!existsSync(path)) throw new ExpectedError('usage', `${tree} holds no MAINTAINERS file`, hint);
  try {
    if (!statSync(path).isFile() || statSync(path).size > MAX_BYTES)
      throw new ExpectedError('usage', `${path} is no list of maintainers`, hint);
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof ExpectedError) throw error;
    throw new ExpectedError('usage', `${path} cannot be read: ${messageOf(error)}`);
  }
}

function readSource(path: string): string {
  try {
    const { size } = statSync(path);
    return size <= MAX_SOURCE ? readFileSync(path, 'utf8') : '';
  } catch {
    return '';
  }
}
