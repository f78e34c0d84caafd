import type { Frame, Stack } from '../model/stack.ts';
import { isBystander, withoutSyscallPrefix } from './skip-list.ts';

/** Frames that go into a fingerprint. */
const DEPTH = 4;
const VERSION = 'v1';

/**
 * Groups findings whose titles differ: kind, module and the first frames that are not everybody's. Inputs are kept beside the hash,
 * so that it can be computed again.
 */
export function fingerprint(
  kind: string,
  module: string | undefined,
  frame: string,
  stacks: readonly Stack[],
): { readonly fingerprint: string; readonly inputs: readonly string[] } {
  const names =
    ownStack(stacks)
      ?.frames.filter((f) => f.reliable && !isBystander(f.fn))
      .map(plainName) ?? [];
  const distinct = [...new Set(frame === '' ? names : [frame, ...names])].slice(0, DEPTH);
  const inputs = [kind, module ?? '', ...distinct];
  return { fingerprint: `${VERSION}:${fnv1a64(inputs.join('\n'))}`, inputs };
}

/** The first stack that is not of how it came about: lockdep shows the earlier orders before its own stack. */
function ownStack(stacks: readonly Stack[]): Stack | undefined {
  return stacks.find(({ role }) => !role.startsWith('lock-')) ?? stacks[0];
}

function plainName(frame: Frame): string {
  return withoutSyscallPrefix(frame.fn).at(-1) ?? frame.fn;
}

/** FNV-1a, 64 bits, over UTF-16 code units: stable, short, and needs no crypto (http://www.isthe.com/chongo/tech/comp/fnv/). */
function fnv1a64(text: string): string {
  let hash = 0xcbf29ce484222325n;
  for (let i = 0; i < text.length; i++) {
    hash ^= BigInt(text.charCodeAt(i));
    hash = (hash * 0x100000001b3n) & 0xffffffffffffffffn;
  }
  return hash.toString(16).padStart(16, '0');
}
