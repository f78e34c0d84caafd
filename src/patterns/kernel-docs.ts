import { didYouMean } from '../base/text.ts';
import files from './kernel-docs.json' with { type: 'json' };

const ROOT = 'Documentation/';

/**
 * What is wrong with a path of the kernel's documentation; undefined when nothing is. Known are the texts of Linux 6.12 that
 * patterns may want (Debian's linux-doc-6.12 has them), without translations, device bindings and single drivers: by folder,
 * `.rst` left out. Other kernels have some of them elsewhere, Documentation/x86 instead of Documentation/arch/x86 before 6.5.
 */
export function docProblem(path: string): string | undefined {
  if (!path.startsWith(ROOT)) return undefined;
  const known = docs();
  if (known.has(path)) return undefined;
  const near = sameName(path, known) ?? didYouMean(path, known);
  return `${path} is not in Linux 6.12${near === undefined ? '' : `; did you mean ${near}?`}`;
}

let all: ReadonlySet<string> | undefined;

function docs(): ReadonlySet<string> {
  all ??= new Set(
    Object.entries(files).flatMap(([folder, names]) =>
      names
        .split(' ')
        .map((name) => `${ROOT}${folder === '' ? '' : `${folder}/`}${name}${name.endsWith('.txt') ? '' : '.rst'}`),
    ),
  );
  return all;
}

function sameName(path: string, known: ReadonlySet<string>): string | undefined {
  const name = path.slice(path.lastIndexOf('/'));
  return [...known].find((one) => one.endsWith(name));
}
