/**
 * Makes titles of one bug equal: addresses, numbers, line numbers, process names with counters become words. Written as scanners
 * over characters: a title may be hostile text of any length.
 */
export function cleanTitle(title: string): string {
  let text = title.slice(0, MAX_RAW);
  for (const rule of RULES) text = settled(rule, text);
  return tidy(text);
}

/** What a rule leaves may be a case for it again: `syz-executor1.2` in two steps. */
function settled(rule: Rule, text: string): string {
  let now = text;
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const next = rule(now);
    if (next === now) break;
    now = next;
  }
  return now;
}

const MAX_ROUNDS = 16;

const MAX_RAW = 1024;
const MAX_TITLE = 120;

type Rule = (text: string) => string;

/** Rewrites at each position where `match` finds something: it returns the end of the match and the text to put there. */
function rewrite(match: (text: string, at: number) => readonly [end: number, put: string] | null): Rule {
  return (text) => {
    let out = '';
    for (let at = 0; at < text.length; ) {
      const hit = match(text, at);
      if (hit && hit[0] > at) {
        out += hit[1];
        at = hit[0];
      } else out += text[at++];
    }
    return out;
  };
}

const executor = rewrite((text, at) => {
  if (!text.startsWith('syz-executor', at)) return null;
  const dot = at + 'syz-executor'.length;
  const number = text[dot] === '.' ? dot + 1 : dot;
  const end = digits(text, number);
  return end === number ? null : [counter(text, end), 'syz-executor'];
});

const runner = rewrite((text, at) => {
  if (!text.startsWith('syzkaller', at)) return null;
  const number = at + 'syzkaller'.length;
  const end = digits(text, number);
  return end === number ? null : [counter(text, end), 'syzkaller'];
});

/** Six hex digits or more, with or without `0x`, behind a character that is no letter or digit. */
const address = rewrite((text, at) => {
  if (at > 0 ? isWord(text, at - 1, false) : true) return null;
  const start = text.startsWith('0x', at) ? at + 2 : at;
  const end = hexDigits(text, start);
  if (end - start >= 6) return [end, 'ADDR'];
  return null;
});

const dottedQuad = rewrite((text, at) => {
  let end = at;
  for (let part = 0; part < 4; part++) {
    const stop = part < 3 ? digits(text, end) : Math.min(digits(text, end), end + 3);
    if (stop === end || stop - end > 3) return null;
    end = stop;
    if (part < 3) {
      if (text[end] !== '.') return null;
      end++;
    }
  }
  return [end, 'IP'];
});

const sourceLine = rewrite((text, at) => {
  if (text[at] !== '.') return null;
  let name = at + 1;
  while (isLower(text.charCodeAt(name))) name++;
  if (name === at + 1 || text[name] !== ':') return null;
  let end = digits(text, name + 1);
  if (end === name + 1) return null;
  while (text[end] === ':' && digits(text, end + 1) > end + 1) end = digits(text, end + 1);
  return [end, `${text.slice(at, name)}:LINE`];
});

const symbolOffset = rewrite((text, at) => {
  if (!text.startsWith('+0x', at) || at === 0 || !isWord(text, at - 1)) return null;
  const offset = hexDigits(text, at + 3);
  if (offset === at + 3 || !text.startsWith('/0x', offset)) return null;
  const size = hexDigits(text, offset + 3);
  return size === offset + 3 ? null : [size, ''];
});

const cpuNumber = rewrite((text, at) => {
  if (!text.startsWith('CPU#', at)) return null;
  const end = digits(text, at + 4);
  return end === at + 4 ? null : [end, 'CPU'];
});

const number = rewrite((text, at) => {
  if (at > 0 && isWord(text, at - 1)) return null;
  const end = digits(text, at);
  if (end === at || (end < text.length && isWord(text, end))) return null;
  return [end, 'NUM'];
});

const longNumber = rewrite((text, at) => {
  const end = digits(text, at);
  return end - at >= 7 ? [end, 'NUM'] : null;
});

const RULES: readonly Rule[] = [
  executor,
  runner,
  address,
  dottedQuad,
  sourceLine,
  symbolOffset,
  cpuNumber,
  number,
  longNumber,
];

function tidy(text: string): string {
  let out = '';
  for (const char of text.slice(0, MAX_TITLE)) {
    const code = char.charCodeAt(0);
    const put = code === 0x09 ? ' ' : char;
    if ((code < 0x20 && code !== 0x09) || code >= 0x7f) continue;
    if (put === ' ' && out.endsWith(' ')) continue;
    out += put;
  }
  return out.trim();
}

/** `/1` or `:1` behind a process name. */
function counter(text: string, at: number): number {
  if (text[at] !== '/' && text[at] !== ':') return at;
  const end = digits(text, at + 1);
  return end === at + 1 ? at : end;
}

function digits(text: string, from: number): number {
  let at = from;
  while (isDigit(text.charCodeAt(at))) at++;
  return at;
}

function hexDigits(text: string, from: number): number {
  let at = from;
  for (; ; at++) {
    const code = text.charCodeAt(at);
    if (!isDigit(code) && !(code >= 0x61 && code <= 0x66)) return at;
  }
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

function isLower(code: number): boolean {
  return code >= 0x61 && code <= 0x7a;
}

function isWord(text: string, at: number, underscore = true): boolean {
  const code = text.charCodeAt(at);
  return isDigit(code) || isLower(code) || (code >= 0x41 && code <= 0x5a) || (underscore && code === 0x5f);
}
