/**
 * The headers that every answer carries.
 *
 * Promises: nothing of ours is framed, sniffed, cached by strangers or allowed to run a script that is not a
 * file of this server; there is no inline script or style anywhere, so the policy needs no nonce.
 */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "font-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "manifest-src 'self'",
  "object-src 'none'",
  "base-uri 'self'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ');

const ALWAYS: Readonly<Record<string, string>> = {
  'content-security-policy': CONTENT_SECURITY_POLICY,
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy':
    'camera=(), geolocation=(), microphone=(), payment=(), usb=(), publickey-credentials-get=(self), publickey-credentials-create=(self)',
};

const HSTS = 'max-age=63072000; includeSubDomains';

/** Puts them on; what an answer says of its caching itself is kept. */
export function withSecurityHeaders(response: Response, isHttps: boolean): Response {
  const { headers } = response;
  for (const [name, value] of Object.entries(ALWAYS)) headers.set(name, value);
  if (isHttps) headers.set('strict-transport-security', HSTS);
  if (!headers.has('cache-control')) headers.set('cache-control', 'no-store');
  headers.append('vary', 'Cookie, Authorization');
  return response;
}
