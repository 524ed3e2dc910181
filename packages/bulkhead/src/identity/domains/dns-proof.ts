/**
 * Whether a domain's keeper has put our record there.
 *
 * Promises: a name that is absent, or has other records, is *not found*; name servers that do not answer are
 * neither found nor not, so that an outage costs nobody their domain.
 */
import { Resolver } from 'node:dns/promises';
import { identityError } from '../errors.ts';

/** Looks a name's TXT records up, each as its strings. */
export type LookUpTxt = (domain: string) => Promise<readonly (readonly string[])[]>;

const ABSENT = new Set(['ENOTFOUND', 'ENODATA']);
const TIMEOUT_MS = 3_000;
const TRIES = 2;

/** @param servers other name servers than the machine's, as `address` or `address:port`. */
export function createTxtLookup(
  servers?: readonly string[],
  { timeoutMs = TIMEOUT_MS, tries = TRIES }: { timeoutMs?: number; tries?: number } = {},
): LookUpTxt {
  const resolver = new Resolver({ timeout: timeoutMs, tries });
  if (servers !== undefined) resolver.setServers([...servers]);
  return (domain) => resolver.resolveTxt(domain);
}

/** @throws `identity.dns_unavailable` when nobody answers for the domain. */
export async function hasRecord(
  lookUp: LookUpTxt,
  domain: string,
  record: string,
): Promise<boolean> {
  try {
    // One record may come in several strings, which belong together (RFC 7208, 3.3).
    const records = (await lookUp(domain)).map((strings) => strings.join('').trim());
    return records.includes(record);
  } catch (cause) {
    if (ABSENT.has(String((cause as { code?: unknown } | null)?.code))) return false;
    throw identityError('identity.dns_unavailable', { cause });
  }
}
