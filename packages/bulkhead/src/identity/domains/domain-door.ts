/**
 * Joining by the domain of one's address, and looking again whether the domains are still their keepers'.
 *
 * Promises: only a verified address counts, and only of a domain that was verified lately; whom a tenant has
 * put out stays out.
 */
import { z } from 'zod';
import type { AccountsQuery } from '../accounts/accounts-query.ts';
import { hasRecord, type LookUpTxt } from './dns-proof.ts';

export interface OpenTenant {
  readonly tenantId: string;
  readonly slug: string;
  readonly tenant: string;
}

export interface DomainDoor {
  /** The tenants that a user may join. */
  openTo(input: { readonly userId: string }): Promise<readonly OpenTenant[]>;
  /** @throws `identity.domain_join_refused` */
  join(input: {
    readonly userId: string;
    readonly tenantId: string;
  }): Promise<OpenTenant & { readonly role: string }>;
  /** Looks for every record that was not looked for lately; for a daily job. */
  verifyDue(options?: { ageSeconds?: number }): Promise<DomainsChecked>;
}

export interface DomainsChecked {
  readonly found: number;
  readonly missing: number;
  /** Whose name servers did not answer: looked for again next time. */
  readonly unanswered: number;
}

const DAY_SECONDS = 86_400;
const BATCH = 100;
const AT_ONCE = 10;

const open = z.object({ tenant_id: z.string(), slug: z.string(), name: z.string() });
const due = z.object({ tenant_id: z.string(), domain: z.string(), challenge: z.string() });
const joined = z.object({
  tenantId: z.string(),
  slug: z.string(),
  tenant: z.string(),
  role: z.string(),
});

export function createDomainDoor(ports: {
  readonly accounts: AccountsQuery;
  readonly lookUp: LookUpTxt;
  joined(tenantId: string): void;
}): DomainDoor {
  const { accounts, lookUp } = ports;

  async function check(row: z.output<typeof due>): Promise<keyof DomainsChecked> {
    let found: boolean;
    try {
      found = await hasRecord(lookUp, row.domain, row.challenge);
    } catch {
      return 'unanswered';
    }
    await accounts.query('select bulkhead.domain_checked($1, $2, $3)', [
      row.tenant_id,
      row.domain,
      found,
    ]);
    return found ? 'found' : 'missing';
  }

  return {
    async openTo({ userId }) {
      const { rows } = await accounts.query('select * from bulkhead.domains_open_to($1)', [userId]);
      return rows
        .map((row) => open.parse(row))
        .map(({ tenant_id, slug, name }) => ({ tenantId: tenant_id, slug, tenant: name }));
    },

    async join({ userId, tenantId }) {
      const { rows } = await accounts.query('select bulkhead.domain_join($1, $2) as json', [
        userId,
        tenantId,
      ]);
      ports.joined(tenantId);
      return joined.parse(rows[0]?.json);
    },

    async verifyDue({ ageSeconds = DAY_SECONDS } = {}) {
      const counts = { found: 0, missing: 0, unanswered: 0 };
      const asked = new Set<string>();
      for (;;) {
        const { rows } = await accounts.query('select * from bulkhead.domains_due($1, $2)', [
          ageSeconds,
          BATCH + counts.unanswered,
        ]);
        // What did not answer is still due; it is not asked twice in one run.
        const fresh = rows
          .map((row) => due.parse(row))
          .filter(({ tenant_id, domain }) => !asked.has(`${tenant_id} ${domain}`));
        if (fresh.length === 0) return counts;
        for (let at = 0; at < fresh.length; at += AT_ONCE) {
          const some = fresh.slice(at, at + AT_ONCE);
          for (const { tenant_id, domain } of some) asked.add(`${tenant_id} ${domain}`);
          for (const result of await Promise.all(some.map(check))) counts[result] += 1;
        }
      }
    },
  };
}
