/** Attacks that need no SQL: honest routes with someone else's ids, and another's address. */
import type { AttackFamily, AttackTarget, Attempt } from './attempt.ts';

export function requestAttacks(target: AttackTarget): readonly Attempt[] {
  const get = (
    family: AttackFamily,
    name: string,
    path: string,
    headers?: Record<string, string>,
  ): Attempt => ({
    family,
    name,
    method: 'GET',
    path,
    ...(headers && { headers }),
  });
  const forgotten = [
    '/api/report',
    '/api/notes',
    '/api/search',
    '/api/invoices',
    '/api/projects',
    '/',
    '/notes',
    '/projects',
    '/invoices',
    '/activity',
    '/notes?q=filed',
    '/notes?q=%27%20or%201%3D1%20--',
  ];
  const wrongId = [
    `/api/notes/${target.victimNoteId}`,
    `/notes/${target.victimNoteId}`,
    `/api/invoices/${target.victimInvoiceId}`,
    `/invoices/${target.victimInvoiceId}`,
    `/api/notes/${target.victimPersonId}`,
    `/api/notes/${target.victimTenantId}`,
  ];
  const family = 'writes across the wall';
  const invoice = {
    number: 'X-1',
    customer: 'X',
    project_id: target.victimProjectId,
    issued_on: '2026-01-01',
    due_on: '2026-01-31',
    total_cents: 1,
    lines: [{ description: 'x', quantity: 1, unit_cents: 1 }],
  };
  const other = 'another’s address';
  return [
    ...forgotten.map((path) => get('forgotten WHERE', path, path)),
    ...wrongId.map((path) => get('wrong id in the URL', path, path)),
    {
      family,
      name: 'change a note',
      method: 'PUT',
      path: `/api/notes/${target.victimNoteId}`,
      json: { title: 'taken over' },
    },
    { family, name: 'delete a note', method: 'DELETE', path: `/api/notes/${target.victimNoteId}` },
    {
      family,
      name: 'a note in a foreign project',
      method: 'POST',
      path: '/api/notes',
      json: { title: 'x', project_id: target.victimProjectId },
    },
    {
      family,
      name: 'an invoice in a foreign project',
      method: 'POST',
      path: '/api/invoices',
      json: invoice,
    },
    {
      family,
      name: 'tenant_id in the body',
      method: 'PUT',
      path: `/api/notes/${target.victimNoteId}`,
      json: { title: 'x', tenant_id: target.attackerTenantId },
    },
    get(other, 'own session at the victim’s address', `/t/${target.victimSlug}/api/notes`),
    get(other, 'own session at the victim’s page', `/t/${target.victimSlug}/notes`),
    get(other, 'tenant in a header', '/api/notes', {
      'x-tenant-id': target.victimTenantId,
      'x-tenant': target.victimSlug,
    }),
    get(other, 'forwarded host', '/api/notes', {
      'x-forwarded-host': `${target.victimSlug}.localhost`,
    }),
    get(other, 'address by tenant id', `/t/${target.victimTenantId}/api/notes`),
    get(other, 'encoded slash', `/t/${target.attackerSlug}%2f..%2f${target.victimSlug}/api/notes`),
    get(other, 'dots in the path', `/t/${target.attackerSlug}/../${target.victimSlug}/api/notes`),
    get(
      other,
      'tenant in the query',
      `/api/notes?tenant=${target.victimSlug}&tenant_id=${target.victimTenantId}`,
    ),
  ];
}
