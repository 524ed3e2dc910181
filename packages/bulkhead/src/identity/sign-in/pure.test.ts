/** The parts without a database: parsers, codes, keys, the queue of hashes. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createCredentialKeys, generateCredentialKey } from './credential-key.ts';
import { rangeHolds } from './password/breached-passwords.ts';
import { createPasswordHasher, OWASP } from './password/password-hasher.ts';
import { passwordLength, readPassword } from './password/read-password.ts';
import { newRecoveryCodes, readRecoveryCode } from './recovery/recovery-code.ts';
import { hashSecret, newSecret } from './secret-token.ts';
import { requireRecentMfa } from './step-up.ts';
import { networkOf } from './throttle/network.ts';
import { describeTotp, findTotpStep, readTotpCode, totpCode } from './totp/totp-code.ts';

const refusalOf = (work: () => unknown): string => {
  try {
    return `no refusal: ${String(work())}`;
  } catch (error) {
    return (error as { code?: string }).code ?? String(error);
  }
};

describe('one-time codes', () => {
  it('are those of RFC 6238’s vectors, at six digits', () => {
    const secret = Buffer.from('12345678901234567890');
    const at = (seconds: number) => totpCode(secret, Math.floor(seconds / 30));
    expect(
      [59, 1_111_111_109, 1_111_111_111, 1_234_567_890, 2_000_000_000, 20_000_000_000].map(at),
    ).toEqual(['287082', '081804', '050471', '005924', '279037', '353130']);
  });

  it('tell the step they belong to, whatever the secret and the time', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 20, maxLength: 20 }),
        fc.integer({ min: 4, max: 200_000_000 }),
        fc.integer({ min: -4, max: 4 }),
        (bytes, step, ahead) => {
          const secret = Buffer.from(bytes);
          const found = findTotpStep(secret, totpCode(secret, step + ahead), step * 30_000);
          if (Math.abs(ahead) <= 1) expect(found).toBe(step + ahead);
          // Six digits may coincide; then the step found is one that has that very code.
          else if (found !== undefined) {
            expect(totpCode(secret, found)).toBe(totpCode(secret, step + ahead));
          }
        },
      ),
    );
  });

  it('are read with spaces and as six ASCII digits alone', () => {
    expect(readTotpCode(' 123 456 ')).toBe('123456');
    for (const text of [
      '12345',
      '1234567',
      '١٢٣٤٥٦',
      '12345a',
      '１２３４５６',
      `1${' '.repeat(60)}23456`,
    ]) {
      expect(readTotpCode(text)).toBeUndefined();
    }
  });

  it('are invited to by an address that a name cannot break out of', async () => {
    const { uri } = await describeTotp(Buffer.alloc(20, 1), {
      issuer: 'Notes: & Co?secret=AAAA',
      account: 'ada+x@acme.example',
    });
    const url = new URL(uri);
    expect([url.protocol, url.host, url.searchParams.getAll('secret').length]).toEqual([
      'otpauth:',
      'totp',
      1,
    ]);
    expect(url.searchParams.get('issuer')).toBe('Notes  & Co?secret=AAAA');
  });
});

describe('recovery codes', () => {
  it('read back however people copy them', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...newRecoveryCodes()),
        fc.boolean(),
        fc.boolean(),
        (code, upper, bare) => {
          let written = upper ? code.toUpperCase() : code;
          if (bare) written = written.replaceAll('-', '');
          written = written.replaceAll('0', 'o').replaceAll('1', 'I');
          expect(readRecoveryCode(` ${written} `)).toBe(code.replaceAll('-', ''));
        },
      ),
    );
  });

  it('are none for any other text, however strange', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 100 }), (text) => {
        const code = readRecoveryCode(text);
        expect(code === undefined || /^[0-9a-hjkmnp-tv-z]{12}$/.test(code)).toBe(true);
      }),
    );
    expect(readRecoveryCode('uuuu-uuuu-uuuu')).toBeUndefined();
  });
});

describe('passwords', () => {
  it('have one form, which reading again does not change', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 60 }), (text) => {
        if (refusalOf(() => readPassword(text)) === 'identity.password_unreadable') return;
        const once = readPassword(text);
        expect(readPassword(once)).toBe(once);
        expect(readPassword(text.normalize('NFD'))).toBe(once);
        expect(Buffer.byteLength(once)).toBeLessThanOrEqual(1_024);
      }),
    );
    expect(passwordLength(readPassword('😀😀'))).toBe(2);
  });

  it('wait for their turn, and are turned away when too many wait', async () => {
    const hasher = createPasswordHasher({ ...OWASP, concurrencyMax: 1, waitingMax: 2 });
    const password = readPassword('a password');
    const results = await Promise.allSettled(
      Array.from({ length: 6 }, () => hasher.hash(password)),
    );
    const codes = results.map((one) =>
      one.status === 'fulfilled' ? 'hashed' : (one.reason as { code: string }).code,
    );
    expect(codes.filter((code) => code === 'hashed')).toHaveLength(3);
    expect(codes.filter((code) => code === 'identity.sign_in_busy')).toHaveLength(3);
    // A place that was given back can be taken again.
    expect(await hasher.hash(password)).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  });

  it('of nobody are compared all the same, and never match', async () => {
    const hasher = createPasswordHasher({ ...OWASP, concurrencyMax: 2, waitingMax: 10 });
    const password = readPassword('a password');
    expect((await hasher.compare(password, undefined)).matches).toBe(false);
    expect(hasher.computed()).toBe(1);
  });

  it('are on a breached list by their own suffix and a count above nought', () => {
    const suffix = 'A'.repeat(35);
    expect(rangeHolds(`${suffix}:1`, suffix)).toBe(true);
    expect(rangeHolds(`${suffix.toLowerCase()}:12\r\n`, suffix)).toBe(true);
    for (const answer of [`${suffix}:0`, suffix, `x${suffix}:1`, `${suffix}:-1`, '<html>', '']) {
      expect(rangeHolds(answer, suffix)).toBe(false);
    }
  });
});

describe('networks', () => {
  it('are one for every spelling of an address', () => {
    expect(
      [
        '2001:db8::1',
        '2001:DB8:0:0:0:0:0:1',
        '2001:0db8::',
        '[2001:db8::9]',
        '2001:db8::1%eth0',
      ].map(networkOf),
    ).toEqual(Array(5).fill('2001:db8:0:0::/64'));
    expect(['203.0.113.9', '::ffff:203.0.113.9', '::ffff:cb00:7109'].map(networkOf)).toEqual(
      Array(3).fill('203.0.113.9'),
    );
    for (const text of ['', 'localhost', '1.2.3', '203.0.113.9:80', '01.2.3.4']) {
      expect(networkOf(text)).toBeUndefined();
    }
  });

  it('are the upper half of any IPv6 address', () => {
    fc.assert(
      fc.property(fc.ipV6(), fc.ipV6(), (a, b) => {
        const [left, right] = [networkOf(a), networkOf(b)];
        expect(left).toBeDefined();
        if (left === right && left?.endsWith('/64')) {
          const upper = (text: string) => BigInt(`0x${hexOf(text).slice(0, 16)}`);
          expect(upper(a)).toBe(upper(b));
        }
      }),
    );
  });
});

function hexOf(address: string): string {
  const canonical = new URL(`http://[${address}]`).hostname.slice(1, -1);
  const [head = '', tail] = canonical.split('::');
  const [left, right] = [head, tail ?? ''].map((half) => (half === '' ? [] : half.split(':')));
  const zeros = Array(8 - (left?.length ?? 0) - (right?.length ?? 0)).fill('0');
  return [...(left ?? []), ...zeros, ...(right ?? [])].map((one) => one.padStart(4, '0')).join('');
}

describe('keys and tokens', () => {
  it('open what they sealed, for that purpose alone, and nothing that was changed', () => {
    const keys = createCredentialKeys([generateCredentialKey()]);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), fc.nat(), (bytes, at) => {
        const sealed = keys.seal('totp a', Buffer.from(bytes));
        expect(keys.open('totp a', sealed).equals(Buffer.from(bytes))).toBe(true);
        expect(refusalOf(() => keys.open('totp b', sealed))).toBe('identity.credential_key_absent');
        const changed = Buffer.from(sealed);
        const place = at % changed.length;
        changed[place] = (changed[place] ?? 0) ^ 1;
        expect(refusalOf(() => keys.open('totp a', changed))).toBe(
          'identity.credential_key_absent',
        );
      }),
    );
  });

  it('are refused unless they are keys, and missed when there is none', () => {
    expect(refusalOf(() => createCredentialKeys(['bhc1_short']))).toBe(
      'identity.credential_key_invalid',
    );
    const none = createCredentialKeys([]);
    expect(refusalOf(() => none.seal('x', Buffer.alloc(1)))).toBe('identity.credential_key_absent');
    expect(refusalOf(() => none.hashes('x', 'y'))).toBe('identity.credential_key_absent');
  });

  it('of one kind are no tokens of another', () => {
    const { token, hash } = newSecret('flow');
    expect(hashSecret('flow', token)?.equals(hash)).toBe(true);
    for (const text of [
      token.replace('bhf_', 'bhr_'),
      `${token}x`,
      token.slice(0, -1),
      '',
      undefined,
    ]) {
      expect(hashSecret('flow', text)).toBeUndefined();
    }
    expect(hashSecret('reset', token)).toBeUndefined();
  });
});

describe('a recent second factor', () => {
  it('is one shown within the time, by a session, on a clock that is not ahead', () => {
    const nowMs = 1_000_000_000;
    const at = (mfaAtMs: number | null) => () =>
      requireRecentMfa({ mfaAtMs }, { nowMs }) ?? 'let in';
    expect(refusalOf(at(nowMs - 599_000))).toBe('no refusal: let in');
    for (const ms of [nowMs - 601_000, nowMs + 601_000, null]) {
      expect(refusalOf(at(ms))).toBe('identity.step_up_required');
    }
    expect(refusalOf(() => requireRecentMfa(undefined))).toBe('identity.step_up_required');
  });
});
