import type { ReportLine } from '../model/report.ts';

/** What stands for the kernel itself among the names of modules. */
const KERNEL = 'vmlinux';

/** Digits of 20 bytes, as `%20phN` prints them (include/linux/buildid.h). */
const DIGITS = 40;

/**
 * Build ids by module, `vmlinux` for the kernel, where it was built with CONFIG_STACKTRACE_BUILD_ID: behind the module of a frame
 * (kernel/kallsyms.c) and at the end of the `CPU:` line (lib/dump_stack.c). Undefined when there are none.
 */
export function readBuildIds(lines: readonly ReportLine[]): Readonly<Record<string, string>> | undefined {
  const ids = new Map<string, string>();
  for (const { fields } of lines) {
    const { module, buildId } = fields;
    const name = module ?? KERNEL;
    const id = buildId ?? idOfVersion(fields.build);
    if (id !== undefined && !ids.has(name)) ids.set(name, id);
  }
  return ids.size === 0 ? undefined : Object.fromEntries(ids);
}

/** `#1 c708c6…` */
function idOfVersion(version: string | undefined): string | undefined {
  const word = version?.slice(version.lastIndexOf(' ') + 1);
  return word?.length === DIGITS && isHex(word) ? word : undefined;
}

function isHex(text: string): boolean {
  for (const char of text) if (!'0123456789abcdef'.includes(char)) return false;
  return true;
}
