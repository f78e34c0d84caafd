/** What every answer says. The page has all its script and style in files of its own and loads nothing from elsewhere. */
export const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  'content-security-policy': [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "connect-src 'self'",
    "img-src 'self'",
    "manifest-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join('; '),
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=(), clipboard-read=()',
  'cache-control': 'no-store',
};

/** A report is a page of its own with style and script inside, which it names by their hashes. It stands apart: it cannot ask anything here. */
export function reportPolicy(html: string): string {
  const [, own = ''] = /<meta http-equiv="Content-Security-Policy" content="([^"]*)">/.exec(html.slice(0, 4096)) ?? [];
  const policy = own.replaceAll('&#39;', "'");
  // Whatever the page says: without a policy of its own it may do nothing.
  const known = /^default-src 'none'; [\w\s';=+/-]*$/.test(policy) ? policy : "default-src 'none'";
  return `${known}; frame-ancestors 'none'; sandbox allow-scripts allow-popups`;
}
