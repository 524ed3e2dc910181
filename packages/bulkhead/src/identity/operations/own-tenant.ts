/** A tenant's own people about their tenant. */
import { z } from 'zod';
import { defineOperation } from '../../kernel/operation.ts';
import { idField, nameField, timeField } from './fields.ts';
import { askOne, type IdentityPorts } from './identity-operation.ts';

const tenant = z.object({
  id: idField,
  slug: z.string(),
  name: z.string(),
  status: z.enum(['active', 'disabled', 'suspended', 'closed']),
  created_at: timeField,
});

const tenantOutput = tenant.omit({ created_at: true }).extend({ createdAt: timeField });

async function read(ports: IdentityPorts) {
  const json = await askOne(ports, 'select to_jsonb(t) as json from bulkhead.tenant_read() t', []);
  const { created_at, ...rest } = tenant.parse(json);
  return { ...rest, createdAt: created_at };
}

export const tenantRead = defineOperation({
  room: 'identity',
  kind: 'read',
  permission: 'tenant:read',
  node: 'root',
  name: 'tenant.read',
  summary: 'The tenant itself.',
  input: z.strictObject({}),
  output: tenantOutput,
  errors: ['access.denied'],
  run: read,
});

export const tenantSetName = defineOperation({
  room: 'identity',
  kind: 'change',
  permission: 'tenant:manage',
  node: 'root',
  name: 'tenant.set_name',
  summary: 'Changes what people are shown of the tenant.',
  input: z.strictObject({ name: nameField }),
  output: z.null(),
  event: 'tenant.renamed',
  errors: ['access.denied'],
  async run(ports: IdentityPorts, { name }) {
    await askOne(ports, 'select bulkhead.tenant_rename($1)', [name]);
    return null;
  },
});

export const tenantClose = defineOperation({
  room: 'identity',
  kind: 'change',
  permission: 'tenant:close',
  node: 'root',
  name: 'tenant.close',
  summary: 'Closes the tenant for good. Its data stays until it is removed on purpose.',
  input: z.strictObject({ reason: z.string().trim().min(1).max(1_000) }),
  output: z.null(),
  event: 'tenant.closed',
  errors: ['access.denied'],
  async run(ports: IdentityPorts, { reason }) {
    await askOne(ports, 'select bulkhead.tenant_close($1)', [reason]);
    ports.changed();
    return null;
  },
});
