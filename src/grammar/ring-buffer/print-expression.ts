/** An expression of C, as far as `print fmt` uses them. */
export type Expression =
  | { readonly kind: 'integer'; readonly value: bigint }
  | { readonly kind: 'text'; readonly value: string }
  /** `REC->name` */
  | { readonly kind: 'field'; readonly name: string }
  /** A name that only the kernel's compiler knows, an enumerator for instance. */
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'prefix'; readonly op: string; readonly of: Expression }
  | { readonly kind: 'infix'; readonly op: string; readonly left: Expression; readonly right: Expression }
  | {
      readonly kind: 'choice';
      readonly condition: Expression;
      readonly then: Expression;
      readonly otherwise: Expression;
    }
  | { readonly kind: 'cast'; readonly type: string; readonly of: Expression }
  | { readonly kind: 'index'; readonly of: Expression; readonly at: Expression }
  | { readonly kind: 'call'; readonly name: string; readonly args: readonly Expression[] }
  /** `{ 1, "one" }` */
  | { readonly kind: 'list'; readonly items: readonly Expression[] };

/** C's precedence, the tightest first. */
const LEVELS = [
  ['*', '/', '%'],
  ['+', '-'],
  ['<<', '>>'],
  ['<', '>', '<=', '>='],
  ['==', '!='],
  ['&'],
  ['^'],
  ['|'],
  ['&&'],
  ['||'],
];
const TIGHTNESS: ReadonlyMap<string, number> = new Map(
  LEVELS.flatMap((level, i) => level.map((op): [string, number] => [op, LEVELS.length - i])),
);

/** `a + b * c` of a row of operands with operators between them. */
export function climb(operands: readonly Expression[], operators: readonly string[]): Expression {
  const values: Expression[] = [];
  const open: string[] = [];
  const close = () => {
    const right = values.pop() as Expression;
    const left = values.pop() as Expression;
    values.push({ kind: 'infix', op: open.pop() as string, left, right });
  };
  for (const [i, operand] of operands.entries()) {
    values.push(operand);
    const op = operators[i];
    if (op === undefined) break;
    while (open.length > 0 && tightness(open.at(-1)) >= tightness(op)) close();
    open.push(op);
  }
  while (open.length > 0) close();
  return values[0] as Expression;
}

function tightness(op: string | undefined): number {
  return TIGHTNESS.get(op ?? '') ?? 0;
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', '0': '\0' };

/** What a text or a character between its quotes stands for. */
export function unquote(image: string): string {
  return image.slice(1, -1).replace(/\\(.)/gs, (_, code: string) => ESCAPES[code] ?? code);
}

export function integerOf(image: string): bigint {
  const digits = image.replace(/[uUlL]+$/, '');
  return BigInt(/^0[0-7]+$/.test(digits) ? `0o${digits.slice(1)}` : /^0\d/.test(digits) ? '0' : digits);
}
