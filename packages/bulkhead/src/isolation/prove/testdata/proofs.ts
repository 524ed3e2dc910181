/** Proofs made by hand, for tests of the reports. */
import type { Proof, ProvedObject } from '../model.ts';

export const leakingInvoices: ProvedObject = {
  object: 'public.invoices',
  type: 'table',
  verdict: 'leak',
  because: null,
  findings: [
    {
      kind: 'rls-not-enabled',
      why: 'the table carries tenant_id and is granted to the app role, but row-level security was never enabled',
      exploit:
        "select * from public.invoices where tenant_id = '00000000-0000-4000-8000-00000000000a';",
      confirmed: true,
      fix: "create policy tenant_isolation on public.invoices using (tenant_id = current_setting('app.tenant_id', true)::uuid);\nalter table public.invoices enable row level security;",
      severity: 'critical',
    },
    {
      kind: 'truncate-privilege',
      why: 'TRUNCATE empties the table for every tenant, and row-level security does not govern it',
      exploit: 'truncate public.invoices;',
      confirmed: false,
      fix: 'revoke truncate on public.invoices from app_user;',
      severity: 'high',
    },
  ],
};

export const undecidedFunction: ProvedObject = {
  object: 'public.search',
  type: 'function',
  verdict: 'unknown',
  because: null,
  findings: [
    {
      kind: 'dynamic-sql',
      why: 'the function builds its statement at run time',
      exploit: null,
      confirmed: false,
      fix: null,
      severity: 'medium',
    },
  ],
};

export const keptNotes: ProvedObject = {
  object: 'public.notes',
  type: 'table',
  verdict: 'proven',
  because: 'every policy implies that the row is the tenant’s',
  findings: [],
};

export function proofOf(objects: readonly ProvedObject[], changes: Partial<Proof> = {}): Proof {
  const count = (verdict: string) => objects.filter((one) => one.verdict === verdict).length;
  return {
    version: 1,
    database: 'notes',
    role: 'app_user',
    summary: { proven: count('proven'), leak: count('leak'), unknown: count('unknown') },
    objects,
    convention: {
      kind: 'setting',
      setting: 'app.tenant_id',
      expression: "nullif(current_setting('app.tenant_id', true), '')::uuid",
      tenantColumns: ['tenant_id'],
      registry: 'public.tenants',
    },
    notSeen: ['Caches above the database: what they keep is not the database’s to guard.'],
    ...changes,
  };
}
