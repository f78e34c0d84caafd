import { lines } from './line-row.ts';

/** What lib/ubsan.c says under its headline. */
export const UBSAN_LINES = lines(
  [
    'ubsan-index',
    'out of range for type',
    /^index (?<index>-?\S+) is out of range for type '(?<type>.*)'/,
    "index 4 is out of range for type 'int [4]'",
    'ubsan',
  ],
  [
    'ubsan-shift',
    'shift exponent',
    /^shift exponent (?<exponent>-?\d+) is (?:negative|too large for (?<width>\d+)-bit type '(?<type>.*)')/,
    "shift exponent 64 is too large for 64-bit type 'long'",
    'ubsan',
  ],
  [
    'ubsan-shift',
    'left shift of',
    /^left shift of (?:negative value (?<negative>-\d+)|(?<value>-?\S+) by (?<exponent>-?\d+) places cannot be represented in type '(?<type>.*)')/,
    "left shift of 255 by 24 places cannot be represented in type 'int'",
    'ubsan',
  ],
  [
    'ubsan-arithmetic',
    'cannot be represented',
    /^(?:negation of (?<value>-?\S+)|division of (?<dividend>-?\S+) by -1|(?<left>-?\S+) (?<op>[-+*/%]) (?<right>-?\S+)) cannot be represented in type '(?<type>.*)'/,
    "2147483647 + 1 cannot be represented in type 'int'",
    'ubsan',
  ],
  [
    'ubsan-pointer',
    ' of type ',
    /^(?<operation>[a-z -]+?) null pointer of type '(?<type>.*)'/,
    "member access within null pointer of type 'struct a'",
    'ubsan',
  ],
  [
    'ubsan-pointer',
    ' address ',
    /^(?<operation>[a-z -]+?) (?:misaligned )?address (?<address>(?:0x)?[0-9a-f]+) (?:for type '(?<type>.*)'|with insufficient space)/,
    "load of misaligned address 00000000abcdef12 for type 'int'",
    'ubsan',
  ],
  [
    'ubsan-pointer',
    'for an object of type',
    /^for an object of type '(?<type>.*)'/,
    "for an object of type 'struct a'",
    'ubsan',
  ],
  [
    'ubsan-load',
    'is not a valid value',
    /^load of value (?<value>-?\S+) is not a valid value for type '(?<type>.*)'/,
    "load of value 255 is not a valid value for type '_Bool'",
    'ubsan',
  ],
  [
    'ubsan-alignment',
    'byte alignment',
    /^(?:which requires (?<requires>\d+) byte alignment|assumption of (?<assumed>\d+) byte alignment .*for pointer of type '(?<type>.*)' failed)/,
    'which requires 8 byte alignment',
    'ubsan',
  ],
  ['ubsan-note', 'division by zero', /^division by zero/, 'division by zero'],
  ['ubsan-note', '__builtin_unreachable', /^calling __builtin_unreachable/, 'calling __builtin_unreachable()'],
  ['ubsan-note', 'overflow:|', /overflow:/, 'x overflow:|'],
  ['ubsan-note', 'integer overflow:', /^(?:un)?signed integer overflow:/, 'signed integer overflow:'],
);
