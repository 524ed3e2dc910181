import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createPublicPathTest } from '../public-path.ts';
import { readPathTenant } from './path.ts';

describe('reading the tenant from the path', () => {
  it('takes the one segment behind the prefix, undecoded', () => {
    expect(readPathTenant('/t/acme', '/t/')).toBe('acme');
    expect(readPathTenant('/t/acme/notes?x=/t/globex', '/t/')).toBe('acme');
    expect(readPathTenant('/T/acme/', '/t/')).toBe('acme');
    expect(readPathTenant('/t/ac%6de/x', '/t/')).toBe('ac%6de');
    expect(readPathTenant('/t/', '/t/')).toBeUndefined();
    expect(readPathTenant('/other?next=/t/acme', '/t/')).toBeUndefined();
  });

  it.each([
    '//t/acme',
    '/x/../t/acme',
    '/./t/acme',
    '/%2e%2e/t/acme',
    '\\t\\acme',
    '/t/../t/acme',
    '/t/acme/../globex',
    '/t/acme/%2E%2e/globex',
    '/t//acme',
    '/t/acme\\..\\globex',
    'http://host/t/acme',
  ])('refuses %s, which routers read differently', (path) => {
    expect(() => readPathTenant(path, '/t/')).toThrowError(
      expect.objectContaining({ code: 'identity.request_malformed' }),
    );
  });

  it.each(['/%74/acme', '/%74%2Facme', '/t%2facme/x', '/%54/acme/100%'])(
    'refuses %s, which a router that decodes first takes for the prefix',
    (path) => {
      expect(() => readPathTenant(path, '/t/')).toThrow(
        expect.objectContaining({ code: 'identity.request_malformed' }),
      );
    },
  );

  it('leaves other escapes alone', () => {
    expect(readPathTenant('/search/100%25%20caf%C3%A9/%', '/t/')).toBeUndefined();
    expect(readPathTenant('/t/acme/100%25', '/t/')).toBe('acme');
  });

  it('reads what a URL parser would see, or refuses', () => {
    const piece = fc.constantFrom(
      't',
      'T',
      'acme',
      'globex',
      '.',
      '..',
      '%2e',
      '%2E%2e',
      '',
      '\\',
      '%2f',
      'x',
    );
    fc.assert(
      fc.property(fc.array(piece, { minLength: 1, maxLength: 6 }), (pieces) => {
        const path = `/${pieces.join('/')}`;
        let read: string | undefined;
        try {
          read = readPathTenant(path, '/t/');
        } catch {
          return;
        }
        const normal = new URL(path, 'http://h').pathname;
        const seen = /^\/t\/([^/]+)/i.exec(normal)?.[1];
        expect(read).toBe(seen);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('public paths', () => {
  const isPublic = createPublicPathTest(['/health', '/assets/*']);
  it.each(['/health', '/health?x=1', '/assets/app.css'])('lets %s pass', (path) => {
    expect(isPublic({ path: path })).toBe(true);
  });
  it.each([
    '/healthy',
    '/health/x',
    '/assets/../invoices',
    '/assets/%2e%2e/invoices',
    '/assets/..%2finvoices',
    '/assets//x',
    '/assets/..\\invoices',
    '/invoices?/assets/',
    '/ASSETS/x',
  ])('keeps %s behind the gate', (path) => {
    expect(isPublic({ path: path })).toBe(false);
  });
});
