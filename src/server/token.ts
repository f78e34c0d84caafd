import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

/** The secret that opens the pages: as it is in a header or the first address, and in a cookie as something made of it. */
export class Token {
  readonly text: string;
  readonly cookieName: string;
  readonly cookieValue: string;

  /** Cookies know no ports, so that two servers on one machine need two names. */
  constructor(port: number, text = randomBytes(24).toString('base64url')) {
    this.text = text;
    this.cookieName = `vexfs-trace-${port}`;
    this.cookieValue = createHmac('sha256', text).update('cookie').digest('base64url');
  }

  isToken(given: string | undefined): boolean {
    return given !== undefined && equal(given, this.text);
  }

  isCookie(given: string | undefined): boolean {
    return given !== undefined && equal(given, this.cookieValue);
  }
}

/** Takes as long for any text: of both their hashes are compared. */
function equal(a: string, b: string): boolean {
  const hash = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(hash(a), hash(b));
}
