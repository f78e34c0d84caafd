import { EmbeddedActionsParser, type IToken, Lexer, type TokenType, tokenMatcher } from 'chevrotain';
import { climb, type Expression, integerOf, unquote } from './print-expression.ts';
import * as T from './print-tokens.ts';

/** What stands behind `print fmt:`: the format of printf, and its arguments. */
export interface PrintCall {
  readonly format: string;
  readonly args: readonly Expression[];
}

/** Reads a `print fmt`; null when it is none, or holds something that only the kernel's compiler understands. */
export function parsePrint(text: string): PrintCall | null {
  lexer ??= new Lexer(T.PRINT_TOKENS, { positionTracking: 'onlyOffset' });
  const { tokens, errors } = lexer.tokenize(text);
  if (errors.length > 0 || tokens.length > MAX_TOKENS || tooDeep(tokens)) return null;
  parser ??= new PrintParser();
  parser.input = tokens;
  const call = parser.call();
  return parser.errors.length > 0 ? null : call;
}

let lexer: Lexer | undefined;
let parser: PrintParser | undefined;

/** That of gfp_flags has some 3,000 in 6.18. */
const MAX_TOKENS = 50_000;
/** Each level takes some calls: a text that only opens must not end the stack. */
const MAX_DEPTH = 60;

function tooDeep(tokens: readonly IToken[]): boolean {
  let depth = 0;
  let prefixes = 0;
  for (const token of tokens) {
    const { image } = token;
    if (image === '(' || image === '{' || image === '[' || image === '?') depth++;
    else if (image === ')' || image === '}' || image === ']' || image === ':') depth--;
    prefixes = tokenMatcher(token, T.Prefix) ? prefixes + 1 : 0;
    if (depth + prefixes > MAX_DEPTH) return true;
  }
  return false;
}

/** Words that types begin with; other names of types are told by what stands behind them. */
const TYPE_WORDS: ReadonlySet<string> = new Set(
  ['unsigned', 'signed', 'char', 'short', 'int', 'long', 'void', 'const', 'struct', 'enum', 'union', 'bool'].concat(
    ['u8', 'u16', 'u32', 'u64', 's8', 's16', 's32', 's64', 'size_t', 'ssize_t', 'loff_t', 'pid_t'],
    ['__u8', '__u16', '__u32', '__u64', '__s8', '__s16', '__s32', '__s64'],
  ),
);

/** C's expressions. Its precedence is `climb`'s; casts need a longer look, since only the compiler knows its types. */
class PrintParser extends EmbeddedActionsParser {
  constructor() {
    super(T.PRINT_TOKENS, { maxLookahead: 1, nodeLocationTracking: 'none', skipValidations: true });
    this.performSelfAnalysis();
  }

  readonly call = this.RULE('call', (): PrintCall => {
    const format = this.SUBRULE(this.text);
    const args: Expression[] = [];
    this.MANY(() => {
      this.CONSUME(T.Comma);
      args.push(this.SUBRULE(this.expression));
    });
    return { format, args };
  });

  /** Texts that follow each other are one. */
  readonly text = this.RULE('text', (): string => {
    let text = '';
    this.AT_LEAST_ONE(() => {
      text += unquote(this.CONSUME(T.Text).image);
    });
    return text;
  });

  readonly expression: () => Expression = this.RULE('expression', (): Expression => {
    const operands = [this.SUBRULE(this.operand)];
    const operators: string[] = [];
    this.MANY(() => {
      operators.push(this.CONSUME(T.Infix).image);
      operands.push(this.SUBRULE2(this.operand));
    });
    const value = this.ACTION(() => climb(operands, operators));
    let choice: Expression | undefined;
    this.OPTION(() => {
      this.CONSUME(T.Question);
      const then = this.SUBRULE(this.expression);
      this.CONSUME(T.Colon);
      choice = { kind: 'choice', condition: value, then, otherwise: this.SUBRULE2(this.expression) };
    });
    return choice ?? value;
  });

  readonly operand: () => Expression = this.RULE(
    'operand',
    (): Expression =>
      this.OR([
        {
          ALT: (): Expression => {
            const op = this.CONSUME(T.Prefix).image;
            return { kind: 'prefix', op, of: this.SUBRULE(this.operand) };
          },
        },
        {
          GATE: () => this.#atCast(),
          ALT: (): Expression => {
            this.CONSUME(T.Open);
            const words: string[] = [];
            this.AT_LEAST_ONE(() =>
              words.push(this.OR2([{ ALT: () => this.CONSUME(T.Word) }, { ALT: () => this.CONSUME(T.Star) }]).image),
            );
            this.CONSUME(T.Close);
            return { kind: 'cast', type: words.join(' '), of: this.SUBRULE2(this.operand) };
          },
        },
        { ALT: () => this.SUBRULE(this.postfix) },
      ]),
  );

  readonly postfix: () => Expression = this.RULE('postfix', (): Expression => {
    let value = this.SUBRULE(this.primary);
    this.MANY(() =>
      this.OR([
        {
          ALT: () => {
            this.CONSUME(T.Arrow);
            const name = this.CONSUME(T.Word).image;
            const of = value;
            value =
              of.kind === 'name' && of.name === 'REC' ? { kind: 'field', name } : { kind: 'name', name: `->${name}` };
          },
        },
        {
          ALT: () => {
            this.CONSUME(T.OpenBracket);
            value = { kind: 'index', of: value, at: this.SUBRULE(this.expression) };
            this.CONSUME(T.CloseBracket);
          },
        },
      ]),
    );
    return value;
  });

  readonly primary: () => Expression = this.RULE(
    'primary',
    (): Expression =>
      this.OR([
        { ALT: (): Expression => ({ kind: 'integer', value: this.#integer(this.CONSUME(T.Integer)) }) },
        { ALT: (): Expression => ({ kind: 'text', value: this.SUBRULE(this.text) }) },
        {
          ALT: (): Expression => ({
            kind: 'integer',
            value: BigInt(unquote(this.CONSUME(T.Char).image).codePointAt(0) ?? 0),
          }),
        },
        {
          ALT: () => {
            this.CONSUME(T.Open);
            const value = this.SUBRULE(this.expression);
            this.CONSUME(T.Close);
            return value;
          },
        },
        {
          ALT: (): Expression => {
            this.CONSUME(T.OpenBrace);
            const items = this.SUBRULE(this.items);
            this.CONSUME(T.CloseBrace);
            return { kind: 'list', items };
          },
        },
        { ALT: () => this.SUBRULE(this.named) },
      ]),
  );

  /** A name, or a call: `__print_flags(REC->flags, "|", { 1, "A" })`. */
  readonly named = this.RULE('named', (): Expression => {
    const name = this.CONSUME(T.Word).image;
    let args: readonly Expression[] | undefined;
    this.OPTION(() => {
      this.CONSUME(T.Open);
      args = this.SUBRULE(this.items);
      this.CONSUME(T.Close);
    });
    return args === undefined ? { kind: 'name', name } : { kind: 'call', name, args };
  });

  readonly items: () => readonly Expression[] = this.RULE('items', (): readonly Expression[] => {
    const items: Expression[] = [];
    this.MANY_SEP({ SEP: T.Comma, DEF: () => items.push(this.SUBRULE(this.expression)) });
    return items;
  });

  #integer({ image }: IToken): bigint {
    return this.RECORDING_PHASE ? 0n : integerOf(image);
  }

  /** `(` words and stars `)`, and behind it what can only be an operand, unless the words are known to be a type. */
  #atCast(): boolean {
    if (!this.#is(1, T.Open)) return false;
    let at = 2;
    while (this.#is(at, T.Word) || (at > 2 && this.#is(at, T.Star))) at++;
    if (at === 2 || !this.#is(at, T.Close)) return false;
    if (TYPE_WORDS.has(this.LA(2).image)) return true;
    return [T.Word, T.Integer, T.Open, T.Text].some((type) => this.#is(at + 1, type));
  }

  #is(ahead: number, type: TokenType): boolean {
    return tokenMatcher(this.LA(ahead), type);
  }
}
