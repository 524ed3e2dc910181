import { beforeEach, describe, expect, test } from 'vitest';
import { type Answer, type NameServer, startNameServer } from '#test/name-server';
import { createTxtLookup, hasRecord } from './dns-proof.ts';

const DOMAIN = 'acme-corp.dev';
let dns: NameServer;
beforeEach(async () => {
  dns = await startNameServer();
});

describe('a record is found', () => {
  const RECORD = `bulkhead-verification=${'0123456789abcdef'.repeat(4)}`;
  const look = (answer: Answer) => {
    dns.zone.set(DOMAIN, answer);
    return hasRecord(createTxtLookup([dns.address]), DOMAIN, RECORD);
  };

  test('in one string, in several, among many, with spaces around it', async () => {
    expect(await look([[RECORD]])).toBe(true);
    expect(await look([[RECORD.slice(0, 30), RECORD.slice(30)]])).toBe(true);
    expect(
      await look([
        ...Array.from({ length: 12 }, (_, n) => [`site-verification=${n}`]),
        [` ${RECORD} `],
      ]),
    ).toBe(true);
  });

  test('not as a part of another, nor in parts of several, nor in another case', async () => {
    expect(await look([[`${RECORD}x`], [`x${RECORD}`], [RECORD.toUpperCase()]])).toBe(false);
    expect(await look([[RECORD.slice(0, 30)], [RECORD.slice(30)]])).toBe(false);
    expect(await look([])).toBe(false);
  });

  test('or the name servers say nothing, and then it is neither found nor gone', async () => {
    const quick = createTxtLookup([dns.address], { timeoutMs: 100, tries: 1 });
    dns.zone.set(DOMAIN, 'silence');
    await expect(hasRecord(quick, DOMAIN, RECORD)).rejects.toMatchObject({
      code: 'identity.dns_unavailable',
    });
    expect(dns.asked.get(DOMAIN)).toBeGreaterThanOrEqual(1);
  });
});
