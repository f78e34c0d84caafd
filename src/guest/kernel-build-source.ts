import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { ExpectedError } from '../base/errors.ts';
import { didYouMean } from '../base/text.ts';

/** What a build of a kernel takes beside what the project needs anyway: package, and one file of it. */
const NEEDED: readonly (readonly [debianPackage: string, ...files: string[]])[] = [
  ['flex', '/usr/bin/flex'],
  ['bison', '/usr/bin/bison'],
  ['bc', '/usr/bin/bc'],
  ['make', '/usr/bin/make'],
  ['gcc', '/usr/bin/gcc'],
  ['xz-utils', '/usr/bin/xz'],
  ['zstd', '/usr/bin/zstd'],
  ['pahole', '/usr/bin/pahole'],
  // The kernel's objtool reads and writes object files.
  ['libelf-dev', '/usr/include/gelf.h'],
];

const SOURCES = '/usr/src';

export interface KernelSource {
  /** `6.1` */
  readonly series: string;
  readonly archive: string;
  /** Changes with every version of the package. */
  readonly version: string;
}

/** The source and the programs that a build takes. Fails with exit 3 and the line that brings what is missing. */
export function kernelSource(debianPackage: string, sources = SOURCES): KernelSource {
  const series = /^linux-source-(\d+\.\d+)$/.exec(debianPackage)?.[1];
  if (series === undefined)
    throw new ExpectedError(
      'usage',
      `${debianPackage} is no source of Debian's kernel`,
      wanted(debianPackage, sources),
    );
  const archive = join(sources, `${debianPackage}.tar.xz`);
  const missing = NEEDED.filter(([, ...files]) => !files.some((file) => existsSync(file))).map(([name]) => name);
  if (!existsSync(archive)) missing.push(debianPackage);
  if (missing.length > 0)
    throw new ExpectedError(
      'missing',
      `building a kernel needs ${missing.join(', ')}`,
      `as root, run: apt-get install --no-install-recommends ${missing.join(' ')} (or: .ci/setup.sh kernel-build ${series})`,
    );
  const { size, mtimeMs } = statSync(archive);
  return { series, archive, version: `${size}-${Math.floor(mtimeMs / 1000)}` };
}

function wanted(name: string, sources: string): string {
  const here = (existsSync(sources) ? readdirSync(sources) : []).flatMap(
    (file) => /^(linux-source-\d+\.\d+)\.tar\.xz$/.exec(file)?.[1] ?? [],
  );
  const near = didYouMean(name, here);
  return near === undefined ? 'name a package such as linux-source-6.1' : `did you mean ${near}?`;
}
