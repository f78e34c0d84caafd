import { marked, type Token } from 'marked';
import { describe, expect, test } from 'vitest';
import { stepsOf } from '../run/testing-analyze.ts';
import { ABOUT, FINDING, LOG, render, type Step } from './testing.ts';

/** Every token of a document, as GitHub's flavour reads it. */
function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  marked.walkTokens(marked.lexer(text), (token) => void tokens.push(token));
  return tokens;
}

const markdown = (steps: readonly Step[]) => render('markdown', steps).toString();

describe('Markdown', () => {
  test('says what, where, why, and quotes the report', () => {
    const text = markdown([{ event: FINDING, about: ABOUT }, { log: LOG }]);
    expect(text).toMatchInlineSnapshot(`
      "## Incident 1: \`KASAN: use-after-free Read in vexfs_read\`

      **critical** crash \`kasan-use-after-free\` in \`logs/console.log:2-87\` at \`52.350s, 2026-11-21T08:13:55Z\`

      - where: \`vexfs_read+0x71/0x110 [vexfs] fs/vexfs/file.c:41\`
      - message: \`said before\`
      - send to: \`vexfs@example.org (list)\`
      - who: \`cp, pid 88, CPU 1\`
      - kernel: \`6.1.192, tainted GO (out-of-tree module)\`
      - machine: \`QEMU\`
      - why: \`memory-corruption: Use after free, pattern use-after-free (0.46)\`
      - recovery: \`pause-load (stop writing)\`
      - damaged: \`ends in its middle\`

      An object was freed while it was in use.

      Look at:

      - who freed it

      See \`Documentation/dev-tools/kasan.rst\`.

      \`\`\`text
      access:
      > vexfs_read+0x71/0x110 [vexfs] fs/vexfs/file.c:41
        vfs_read+0x195/0x740
      freed:
        kfree
      \`\`\`

      \`\`\`text
          0: 31 c0        xor %eax,%eax
      >   2: 48 89 78 08  mov %rdi,0x8(%rax)
          6: c3           ret
      \`\`\`

      \`\`\`text
      [   52.349533] BUG: KASAN: use-after-free in vexfs_read
      the end
      (84 more lines)
      \`\`\`

      ## Summary

      1 finding in 0 incidents. 1 log read, 0 of them clean.

      | count | severity | kind |
      |--:|---|---|
      | 1 | critical | \`kasan-use-after-free\` |

      The kernel panicked in 1 finding.

      - damaged: 1 report, \`ends in its middle\`
      "
    `);
  });

  test('an incident is one section, the cause first, repeats by place', async () => {
    const text = markdown(await stepsOf(['guests/stock/rcu-stall.console']));
    const headings = tokensOf(text).flatMap((token) =>
      token.type === 'heading' ? [`${token.depth} ${token.text}`] : [],
    );
    expect(headings).toEqual([
      '2 Incident 1: `INFO: task hung in synchronize_rcu`',
      '3 In the same incident: `INFO: rcu detected stall in vexfs_fault_write`',
      '2 Summary',
    ]);
    expect(text).toContain('Again in incident 1:\n\n- `INFO: task hung in synchronize_rcu` at `');
  });

  test('a fence is longer than what it holds', () => {
    const raw = { bytes: Buffer.from('````\nnot code\n````\n'), missing: 0 };
    const tokens = tokensOf(markdown([{ event: FINDING, about: { raw } }]));
    expect(tokens.filter(({ type }) => type === 'code').at(-1)).toMatchObject({
      text: expect.stringContaining('not code'),
    });
  });

  test('a clean log has a summary only', () => {
    expect(markdown([{ log: LOG }])).toBe('## Summary\n\n0 findings in 0 incidents. 1 log read, 1 of them clean.\n');
  });
});
