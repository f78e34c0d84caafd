import { createToken, Lexer, type TokenType } from 'chevrotain';

/** What may stand before an operand, and between two. */
export const Prefix = createToken({ name: 'Prefix', pattern: Lexer.NA });
export const Infix = createToken({ name: 'Infix', pattern: Lexer.NA });

const token = (name: string, pattern: RegExp, ...categories: TokenType[]) => createToken({ name, pattern, categories });

const Blank = createToken({ name: 'Blank', pattern: /[ \t\r\n]+/, group: Lexer.SKIPPED });
export const Text = token('Text', /"(?:[^"\\]|\\.)*"/);
export const Char = token('Char', /'(?:[^'\\]|\\[^\n])'/);
export const Integer = token('Integer', /(?:0[xX][0-9a-fA-F]+|\d+)[uUlL]*/);
export const Word = token('Word', /[A-Za-z_]\w*/);
export const Arrow = token('Arrow', /->/);
export const Question = token('Question', /\?/);
export const Colon = token('Colon', /:/);
export const Comma = token('Comma', /,/);
export const Open = token('Open', /\(/);
export const Close = token('Close', /\)/);
export const OpenBrace = token('OpenBrace', /\{/);
export const CloseBrace = token('CloseBrace', /\}/);
export const OpenBracket = token('OpenBracket', /\[/);
export const CloseBracket = token('CloseBracket', /\]/);
export const Star = token('Star', /\*/, Prefix, Infix);

const OPERATORS = [
  token('Wide', /<<|>>|[=!<>]=|&&|\|\|/, Infix),
  token('Ambiguous', /[&+-]/, Prefix, Infix),
  token('Narrow', /[|^/%<>]/, Infix),
  token('Not', /[!~]/, Prefix),
];

/** Tokens of the C expressions behind `print fmt:`, longer ones first where one begins like another. */
export const PRINT_TOKENS = [
  ...[Blank, Text, Char, Integer, Word, Arrow, Prefix, Infix, Star, ...OPERATORS],
  ...[Question, Colon, Comma, Open, Close, OpenBrace, CloseBrace, OpenBracket, CloseBracket],
];
