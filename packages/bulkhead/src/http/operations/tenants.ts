/** The directory of tenants, and one tenant's whole story. */
import { z } from 'zod';
import type { Tenant } from '../../identity/index.ts';
import { moment } from '../../kernel/moment.ts';
import { shownName } from '../../kernel/shown-name.ts';
import { OPERATORS } from '../control-gate.ts';
import { httpError } from '../errors.ts';
import { controlOperation, type OperationCall } from '../operation.ts';
import { versioned } from '../request/entity-tag.ts';
import { activitySlot, readActivity } from './activity.ts';
import { afterField, limitField, pageOf, readCursor, timeField, writeCursor } from './paging.ts';
import { type ControlWork, nameOf, type Row, tenantIdOf } from './work.ts';

const tenantSchema = z.object({
  id: z.string(),
  slug: z.string(),
  name: z.string(),
  status: z.enum(['active', 'disabled', 'suspended', 'closed']),
  externalId: z.string().nullable(),
  domains: z.array(z.string()),
  createdAt: timeField,
  updatedAt: timeField,
});

const tenantRow = tenantSchema.extend({
  members: z.int(),
  events24h: z.int(),
  denials24h: z.int(),
  lastEventAt: timeField.nullable(),
});

const tenantStory = tenantRow.extend({
  invitations: z.int(),
  serviceAccounts: z.int(),
  apiKeys: z.int(),
  sessions: z.int(),
  log: z.object({
    size: z.int(),
    signedSize: z.int(),
    signedAt: timeField.nullable(),
    origin: z.string(),
  }),
  activity: z.array(activitySlot).describe('Thirty days.'),
});

const slugField = z.string().min(1).max(63).describe('One DNS label; never changed.');
const nameField = shownName;
const reasonField = z.string().trim().min(1).max(1_000).describe('Why, for the record.');

const COLUMNS = `t.id, t.version, t.slug, t.name, t.status, t.external_id, ${moment('t.created_at')} as created_at,
  ${moment('t.updated_at')} as updated_at,
  array(select d.domain from bulkhead.tenant_domain d where d.tenant_id = t.id order by 1) as domains,
  (select count(*) from bulkhead.membership m where m.tenant_id = t.id and m.status = 'active') as members,
  coalesce(s.events, 0) as events, coalesce(s.denials, 0) as denials,
  (select ${moment('max(l.last_at)')} from bulkhead.live_slot l where l.tenant_id = t.id
     and l.slot >= clock_timestamp() - interval '93 days') as last_event_at`;
const COUNTS = `left join (select tenant_id, sum(events) as events, sum(denials) as denials from bulkhead.live_slot
  where slot >= clock_timestamp() - interval '24 hours' group by tenant_id) s on s.tenant_id = t.id`;

const SORTS = {
  slug: { column: 't.slug', type: 'text', descending: false },
  name: { column: 'lower(t.name)', type: 'text', descending: false },
  created: { column: 't.created_at', type: 'timestamptz', descending: true },
  events: { column: 'coalesce(s.events, 0)', type: 'numeric', descending: true },
  denials: { column: 'coalesce(s.denials, 0)', type: 'numeric', descending: true },
} as const;
const cursorSchema = z.tuple([
  z.enum(['slug', 'name', 'created', 'events', 'denials']),
  z.string(),
  z.uuid(),
]);

const readRow = (row: Row): z.input<typeof tenantRow> => ({
  id: String(row.id),
  slug: String(row.slug),
  name: String(row.name),
  // The table checks them.
  status: row.status as Tenant['status'],
  externalId: row.external_id === null ? null : String(row.external_id),
  domains: row.domains as string[],
  createdAt: String(row.created_at),
  updatedAt: String(row.updated_at),
  members: Number(row.members),
  events24h: Number(row.events),
  denials24h: Number(row.denials),
  lastEventAt: row.last_event_at === null ? null : String(row.last_event_at),
});

const plain = (tenant: Tenant): z.input<typeof tenantSchema> => ({
  ...tenant,
  domains: [...tenant.domains],
  createdAt: tenant.createdAt.toISOString(),
  updatedAt: tenant.updatedAt.toISOString(),
});

export function tenantOperations(work: ControlWork) {
  const { operatorQuery: query } = work;

  /** The operators' own is no customer, and is not changed here. */
  const changeable = (call: OperationCall<unknown>): string => {
    const id = tenantIdOf(call);
    if (id === OPERATORS) throw httpError('http.absent');
    return id;
  };
  const directoryOf = (call: OperationCall<unknown>) => {
    if (call.caller === null) throw new Error('the route demands credentials');
    return work.directory(nameOf(call.caller));
  };

  return [
    controlOperation({
      name: 'tenant.list',
      summary: 'Lists tenants.',
      permission: 'tenant:read',
      kind: 'read',
      input: z.strictObject({
        q: z.string().max(200).optional().describe('Part of a name, slug, external id or domain.'),
        status: z.enum(['active', 'disabled', 'suspended', 'closed']).optional(),
        sort: z.enum(['slug', 'name', 'created', 'events', 'denials']).default('slug'),
        after: afterField,
        limit: limitField(50),
      }),
      output: pageOf(tenantRow),
      errors: ['http.cursor_invalid'],
      async run({ input: { q, status, sort, after, limit } }) {
        const place = after === undefined ? undefined : readCursor(after, cursorSchema);
        if (place !== undefined && place[0] !== sort) throw httpError('http.cursor_invalid');
        const { column, type, descending } = SORTS[sort];
        const sign = descending ? '<' : '>';
        const order = descending ? 'desc' : 'asc';
        const pattern =
          q === undefined || q === '' ? null : `%${q.toLowerCase().replaceAll(/[\\%_]/g, '\\$&')}%`;
        const { rows } = await query(
          `select ${COLUMNS}, ${column}::text as sorted, count(*) over () as total
             from bulkhead.tenant t ${COUNTS}
            where t.id <> '${OPERATORS}' and ($1::text is null or t.status = $1)
              and ($2::text is null or lower(t.name) like $2 or t.slug like $2 or lower(t.external_id) like $2
                   or exists (select from bulkhead.tenant_domain d where d.tenant_id = t.id and d.domain like $2))
              and ($3::text is null or (${column}, t.id) ${sign} ($3::${type}, $4::uuid))
            order by ${column} ${order}, t.id ${order} limit $5`,
          [status ?? null, pattern, place?.[1] ?? null, place?.[2] ?? null, limit + 1],
        );
        const items = rows.slice(0, limit);
        const last = rows.length > limit ? items.at(-1) : undefined;
        return {
          items: items.map(readRow),
          next:
            last === undefined ? null : writeCursor([sort, String(last.sorted), String(last.id)]),
          ...(after === undefined && { total: Number(rows[0]?.total ?? 0) }),
        };
      },
    }),
    controlOperation({
      name: 'tenant.create',
      summary: 'Registers a tenant.',
      permission: 'tenant:manage',
      kind: 'change',
      event: 'tenant.created',
      input: z.strictObject({
        slug: slugField,
        name: nameField.optional().describe('The slug unless given.'),
        externalId: z
          .string()
          .min(1)
          .max(200)
          .optional()
          .describe('The identity provider’s id of it.'),
      }),
      output: tenantSchema,
      errors: ['identity.tenant_exists', 'identity.tenant_fields_invalid'],
      run: async (call) => {
        const { slug, name, externalId } = call.input;
        return plain(
          await directoryOf(call).create({
            slug,
            ...(name !== undefined && { name }),
            ...(externalId !== undefined && { externalId }),
          }),
        );
      },
    }),
    controlOperation({
      name: 'tenant.get',
      summary: 'Tells a tenant’s whole story.',
      permission: 'tenant:read',
      kind: 'read',
      input: z.strictObject({}),
      output: tenantStory,
      errors: [],
      async run(call) {
        const id = tenantIdOf(call);
        const [{ rows }, { rows: logs }, activity] = await Promise.all([
          query(
            `select ${COLUMNS},
                    (select count(*) from bulkhead.membership m where m.tenant_id = t.id and m.type = 'service_account') as service_accounts
               from bulkhead.tenant t ${COUNTS} where t.id = $1`,
            [id],
          ),
          query(
            `select l.next, coalesce(c.size, 0) as signed, ${moment('c.signed_at')} as signed_at
               from bulkhead.audit_log l
               left join lateral (select k.size, k.signed_at from bulkhead.audit_checkpoint k
                 where k.tenant_id = l.tenant_id and k.class = l.class order by k.size desc limit 1) c on true
              where l.tenant_id = $1`,
            [id],
          ),
          readActivity(query, id, 86_400, 30),
        ]);
        const [row] = rows;
        if (row === undefined) throw httpError('http.absent');
        const times = logs.flatMap(({ signed_at }) =>
          signed_at === null ? [] : [String(signed_at)],
        );
        const story = {
          ...readRow(row),
          serviceAccounts: Number(row.service_accounts),
          ...(await work.countsOf(id)),
          log: {
            size: logs.reduce((sum, { next }) => sum + Number(next), 0),
            signedSize: logs.reduce((sum, { signed }) => sum + Number(signed), 0),
            signedAt: times.sort().at(-1) ?? null,
            origin: work.originOf(id),
          },
          activity,
        };
        return versioned(story, String(row.version));
      },
    }),
    controlOperation({
      name: 'tenant.rename',
      summary: 'Changes the name that people are shown.',
      permission: 'tenant:manage',
      kind: 'change',
      event: 'tenant.renamed',
      input: z.strictObject({ name: nameField }),
      output: tenantSchema,
      errors: ['identity.tenant_fields_invalid'],
      comparesItself: true,
      run: async (call) => {
        const { versions } = call;
        return plain(
          await directoryOf(call).rename(changeable(call), call.input.name, { versions }),
        );
      },
    }),
    controlOperation({
      name: 'tenant.disable',
      summary: 'Suspends a tenant: every request of it is refused within five seconds.',
      permission: 'tenant:manage',
      kind: 'change',
      event: 'tenant.suspended',
      input: z.strictObject({ reason: reasonField }),
      output: tenantSchema,
      errors: ['identity.tenant_closed', 'identity.reason_invalid'],
      run: async (call) =>
        plain(await directoryOf(call).suspend(changeable(call), call.input.reason)),
    }),
    controlOperation({
      name: 'tenant.enable',
      summary: 'Lets a suspended tenant in again.',
      permission: 'tenant:manage',
      kind: 'change',
      event: 'tenant.restored',
      input: z.strictObject({ reason: reasonField }),
      output: tenantSchema,
      errors: ['identity.tenant_closed', 'identity.reason_invalid'],
      run: async (call) =>
        plain(await directoryOf(call).restore(changeable(call), call.input.reason)),
    }),
    controlOperation({
      name: 'tenant.add_domain',
      summary: 'Leads a custom domain to a tenant.',
      permission: 'tenant:manage',
      kind: 'change',
      event: 'tenant.domain_added',
      input: z.strictObject({ domain: z.string().min(1).max(253) }),
      output: tenantSchema,
      errors: ['identity.domain_invalid', 'identity.domain_taken'],
      run: async (call) =>
        plain(await directoryOf(call).addDomain(changeable(call), call.input.domain)),
    }),
    controlOperation({
      name: 'tenant.remove_domain',
      summary: 'Leads a custom domain to a tenant no more.',
      permission: 'tenant:manage',
      kind: 'change',
      event: 'tenant.domain_removed',
      input: z.strictObject({ domain: z.string().min(1).max(253) }),
      output: tenantSchema,
      errors: ['identity.domain_invalid', 'identity.domain_absent'],
      run: async (call) =>
        plain(await directoryOf(call).removeDomain(changeable(call), call.input.domain)),
    }),
  ];
}
