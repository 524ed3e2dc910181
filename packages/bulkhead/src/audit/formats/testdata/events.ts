/** Events for the tests of formats: the usual ones, and one in which every value is an attack. */
import type { AuditEvent } from '../../event.ts';

const TENANT = '6f1d6b52-4a3b-4c58-9b9c-0d6a8f6f2b11';

const base = {
  v: 1,
  tenant: TENANT,
  class: 'standard',
  source: 'record',
  time: '2026-11-03T09:15:02.120Z',
  recorded: '2026-11-03T09:15:02.131Z',
} as const;

export const signedIn: AuditEvent = {
  ...base,
  id: '019a4a10-0000-7000-8000-000000000001',
  leafIndex: 0,
  actor: { type: 'user', id: 'u-ada', name: 'Ada Lovelace' },
  action: 'session.signed_in',
  targets: [],
  outcome: 'success',
  ip: '203.0.113.7',
  userAgent: 'Mozilla/5.0 (X11; Linux x86_64)',
  location: { country: 'DE', region: 'Berlin', city: 'Berlin', latitude: 52.52, longitude: 13.4 },
  requestId: 'req-1',
  sessionId: 'ses-1',
};

export const invoicePaid: AuditEvent = {
  ...base,
  id: '019a4a10-0000-7000-8000-000000000002',
  leafIndex: 1,
  actor: { type: 'system', id: 'job' },
  action: 'invoice.paid',
  targets: [
    { type: 'invoice', id: '2026-0042', name: 'Invoice 42' },
    { type: 'note', id: 'n1' },
  ],
  outcome: 'success',
  ip: '2001:db8::7',
  metadata: { amount: 1250.5, currency: 'EUR', tags: ['q4', 'paid'] },
  before: { paid_at: null },
  after: { paid_at: '2026-11-03' },
};

export const memberErased: AuditEvent = {
  ...base,
  id: '019a4a10-0000-7000-8000-000000000003',
  leafIndex: 2,
  actor: { type: 'user', id: '0b9b6f0e-9d5e-4d0c-a0de-5b7f8f6f2b11' },
  action: 'member.disabled',
  targets: [{ type: 'user', id: 'u-bob', name: 'Bob' }],
  outcome: 'denied',
  reason: 'Only owners disable members.',
  pseudonyms: ['/actor/id'],
  commitments: { '/actor/name': 'rhXUa6i4hK1bzLXvtIYMvoe4TMZ2mQGUUM2bsK0CYmQ=' },
  closed: { '/actor/id': 'erased', '/actor/name': 'erased' },
};

export const roleGranted: AuditEvent = {
  ...base,
  id: '019a4a10-0000-7000-8000-000000000004',
  leafIndex: 3,
  actor: { type: 'operator', id: 'dana' },
  action: 'role.granted',
  targets: [
    { type: 'user', id: 'u-bob', name: 'Bob' },
    { type: 'role', id: 'admin' },
  ],
  outcome: 'failure',
};

/** What someone types who wants to forge a line, a field, a formula or a log entry. */
export const HOSTILE =
  "=cmd|' /C calc'!A0\r\n<110>1 - - - - - - forged\\\"]|x=y[\u2028CEF:0|a|b|c|\u0000\u001b[31m";

export const hostile: AuditEvent = {
  ...base,
  id: '019a4a10-0000-7000-8000-000000000005',
  leafIndex: 4,
  actor: { type: 'api_key', id: '+1', name: HOSTILE },
  action: 'note.created',
  targets: [{ type: 'note', id: HOSTILE, name: HOSTILE }],
  outcome: 'success',
  userAgent: HOSTILE,
  requestId: HOSTILE,
  sessionId: '@SUM(1)',
  reason: HOSTILE,
  metadata: { [HOSTILE]: HOSTILE },
};

export const everyEvent = [signedIn, invoicePaid, memberErased, roleGranted, hostile];
