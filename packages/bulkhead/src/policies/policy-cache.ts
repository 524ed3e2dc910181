/**
 * A tenant's policies as requests see them.
 *
 * Promises: an answer is never older than a second, counted from when the question was sent, so a change holds
 * in every process within that time, `LISTEN` or not. Policies that can't be read are an error: nobody enters
 * by the defaults because the database was slow, and old answers are not stretched.
 */
import { policyError } from './errors.ts';
import { type PolicyBodies, policyKindSchema, policySchemas } from './policy-kinds.ts';
import { type PolicySet, policySet } from './policy-set.ts';
import { strictest } from './strictest.ts';

export interface PolicyRow {
  readonly kind?: unknown;
  readonly body?: unknown;
  readonly tenant_id?: unknown;
}

/** Runs one of Bulkhead's own statements outside of any context. */
export type PolicyQuery = (
  text: string,
  values: unknown[],
) => Promise<{ rows: readonly PolicyRow[] }>;

export interface PolicyCacheOptions {
  readonly query: PolicyQuery;
  /** A signed context of the tenant, which the database takes as leave to ask. */
  readonly contextToken: (tenant: string) => string;
  readonly ageMaxMs?: number;
  readonly tenantsMax?: number;
  readonly nowMs?: () => number;
}

export interface PolicyCache {
  /**
   * At once where a fresh answer is at hand.
   *
   * @throws `policies.unavailable`
   */
  load(tenant: string): PolicySet | Promise<PolicySet>;
  /** Forgets what it knows of a tenant: for the process that has just changed it. */
  forget(tenant: string): void;
}

interface Answer {
  readonly policies: PolicySet;
  readonly askedAtMs: number;
}

export function createPolicyCache(options: PolicyCacheOptions): PolicyCache {
  const { query, contextToken, ageMaxMs = 1_000, tenantsMax = 10_000 } = options;
  const nowMs = options.nowMs ?? (() => performance.now());
  const answers = new Map<string, Answer>();
  const underway = new Map<string, Promise<PolicySet>>();

  async function ask(tenant: string): Promise<PolicySet> {
    try {
      const { rows } = await query('select kind, body from bulkhead.policies_held($1)', [
        contextToken(tenant),
      ]);
      return policySet(readBodies(rows));
    } catch (cause) {
      throw policyError('policies.unavailable', { cause });
    }
  }

  function askOnce(tenant: string): Promise<PolicySet> {
    const present = underway.get(tenant);
    if (present !== undefined) return present;
    const askedAtMs = nowMs();
    const made = ask(tenant)
      .then((policies) => {
        // Forgotten while the question was on its way: the answer may be from before the change.
        if (underway.get(tenant) === made) keep(tenant, { policies, askedAtMs });
        return policies;
      })
      .finally(() => {
        if (underway.get(tenant) === made) underway.delete(tenant);
      });
    underway.set(tenant, made);
    return made;
  }

  function keep(tenant: string, answer: Answer): void {
    answers.delete(tenant);
    answers.set(tenant, answer);
    for (const oldest of answers.keys()) {
      if (answers.size <= tenantsMax) break;
      answers.delete(oldest);
    }
  }

  return {
    load(tenant) {
      const answer = answers.get(tenant);
      const ageMs = answer === undefined ? Number.POSITIVE_INFINITY : nowMs() - answer.askedAtMs;
      if (answer === undefined || ageMs < 0 || ageMs >= ageMaxMs) return askOnce(tenant);
      // Asked again before it ends, so that a busy tenant's requests never wait for the database. A failure
      // here is not one of this request's; the next one after the end reports it.
      if (ageMs * 2 > ageMaxMs) askOnce(tenant).catch(() => {});
      return answer.policies;
    },
    forget(tenant) {
      answers.delete(tenant);
      underway.delete(tenant);
    },
  };
}

/**
 * What holds for a person at sign-in, before there is a tenant: the strictest of all tenants they are an
 * active member of.
 *
 * @throws `policies.unavailable`
 */
export async function policiesOfUser(query: PolicyQuery, user: string): Promise<PolicySet> {
  try {
    const { rows } = await query(
      'select tenant_id, kind, body from bulkhead.policies_of_user($1)',
      [user],
    );
    const byTenant = new Map<unknown, PolicyRow[]>();
    for (const row of rows) {
      byTenant.set(row.tenant_id, [...(byTenant.get(row.tenant_id) ?? []), row]);
    }
    return strictest([...byTenant.values()].map((own) => policySet(readBodies(own))));
  } catch (cause) {
    throw policyError('policies.unavailable', { cause });
  }
}

function readBodies(rows: readonly PolicyRow[]): Partial<PolicyBodies> {
  const bodies = rows.map(({ kind, body }) => {
    const known = policyKindSchema.parse(kind);
    return [known, policySchemas[known].parse(typeof body === 'string' ? JSON.parse(body) : body)];
  });
  // Each body was read by the schema of its own kind.
  return Object.fromEntries(bodies) as Partial<PolicyBodies>;
}
