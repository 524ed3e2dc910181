/** Sessions as a tenant's administrators see them: those that came into the tenant, and nothing of the rest. */
import { z } from 'zod';
import { defineOperation } from '../../kernel/operation.ts';
import { deviceOf } from '../sessions/device.ts';
import { idField, namedField, timeField } from './fields.ts';
import { ask, askOne, type IdentityPorts } from './identity-operation.ts';

const stored = z.object({
  id: idField,
  user_id: z.string(),
  user_name: z.string().nullable(),
  methods: z.array(z.string()),
  entered_at: timeField,
  created_at: timeField,
  last_seen_at: timeField,
  mfa_at: timeField.nullable(),
  entered_ip: z.string().nullable(),
  user_agent: z.string().nullable(),
});

const tenantSession = z.object({
  id: idField,
  user: namedField,
  methods: z.array(z.string()),
  mfa: z.boolean(),
  ip: z
    .string()
    .nullable()
    .describe(
      'From where it came into this tenant: what is used elsewhere is none of its business.',
    ),
  userAgent: z.string().nullable(),
  device: z.string().describe('What the browser says of itself, in words.'),
  createdAt: timeField,
  enteredAt: timeField.describe('Its first request for this tenant.'),
  lastSeenAt: timeField,
  current: z.boolean().describe('The one that asks.'),
});
export type TenantSession = z.output<typeof tenantSession>;

export const sessionList = defineOperation({
  room: 'identity',
  kind: 'read',
  permission: 'session:read',
  node: 'root',
  name: 'session.list',
  summary: 'The sessions that are alive in the tenant, the last used first; at most 1000.',
  input: z.strictObject({ userId: idField.optional() }),
  output: z.object({ items: z.array(tenantSession), next: z.string().nullable() }),
  errors: ['access.denied'],
  async run(ports: IdentityPorts, { userId }) {
    const rows = await ask(ports, 'select to_jsonb(s) as json from bulkhead.session_list($1) s', [
      userId ?? null,
    ]);
    const current = ports.sessionId();
    const items = rows.map((row): TenantSession => {
      const s = stored.parse(row);
      return {
        id: s.id,
        user: { type: 'user', id: s.user_id, name: s.user_name },
        methods: s.methods,
        mfa: s.mfa_at !== null,
        ip: s.entered_ip,
        userAgent: s.user_agent,
        device: deviceOf(s.user_agent),
        createdAt: s.created_at,
        enteredAt: s.entered_at,
        lastSeenAt: s.last_seen_at,
        current: s.id === current,
      };
    });
    return { items, next: null };
  },
});

const countOutput = z.object({ ended: z.int() });

export const sessionRevoke = defineOperation({
  room: 'identity',
  kind: 'change',
  permission: 'session:manage',
  node: 'root',
  name: 'session.revoke',
  summary: 'Lets a session no longer into this tenant; in the user’s other tenants it goes on.',
  input: z.strictObject({ id: idField }),
  output: countOutput,
  event: 'session.shut_out',
  errors: ['access.denied'],
  run: (ports: IdentityPorts, { id }) => shut(ports, id, null),
});

export const sessionRevokeAll = defineOperation({
  room: 'identity',
  kind: 'change',
  permission: 'session:manage',
  node: 'root',
  name: 'session.revoke_all',
  summary: 'Lets none of a user’s present sessions into this tenant any more.',
  input: z.strictObject({ userId: idField }),
  output: countOutput,
  event: 'session.shut_out',
  errors: ['access.denied'],
  run: (ports: IdentityPorts, { userId }) => shut(ports, null, userId),
});

async function shut(ports: IdentityPorts, session: string | null, user: string | null) {
  const json = await askOne(ports, 'select to_jsonb(bulkhead.session_shut($1, $2)) as json', [
    session,
    user,
  ]);
  return { ended: json };
}
