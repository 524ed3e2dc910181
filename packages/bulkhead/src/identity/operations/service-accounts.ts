/** Service accounts: programs that act for a tenant in their own name. */
import { z } from 'zod';
import { defineOperation } from '../../kernel/operation.ts';
import { afterField, idField, limitField, nameField, timeField } from './fields.ts';
import { ask, askOne, type IdentityPorts, page } from './identity-operation.ts';

const serviceAccount = z.object({
  id: idField,
  name: z.string(),
  description: z.string(),
  status: z.enum(['active', 'suspended']),
  createdAt: timeField,
  createdBy: z.string().describe('As type:id.'),
});
export type ServiceAccount = z.output<typeof serviceAccount>;

const MANAGE = {
  room: 'identity',
  kind: 'change',
  permission: 'service_account:manage',
  node: 'root',
} as const;
const descriptionField = z.string().max(1_000);
const ABSENT = ['access.denied', 'identity.service_account_absent'];

export const serviceAccountCreate = defineOperation({
  ...MANAGE,
  name: 'service_account.create',
  summary: 'Makes a service account. It may do nothing until a role is granted to it.',
  input: z.strictObject({ name: nameField, description: descriptionField.default('') }),
  output: serviceAccount,
  event: 'service_account.created',
  errors: ['access.denied'],
  async run(ports: IdentityPorts, { name, description }) {
    const made = await askOne(ports, 'select bulkhead.service_account_create($1, $2) as json', [
      name,
      description,
    ]);
    ports.changed();
    return made;
  },
});

export const serviceAccountUpdate = defineOperation({
  ...MANAGE,
  name: 'service_account.update',
  summary: 'Changes the name or the description of a service account.',
  input: z.strictObject({
    id: idField,
    name: nameField.optional(),
    description: descriptionField.optional(),
  }),
  output: serviceAccount,
  event: 'service_account.changed',
  errors: ABSENT,
  run: (ports: IdentityPorts, { id, name, description }) =>
    askOne(ports, 'select bulkhead.service_account_update($1, $2, $3) as json', [
      id,
      name ?? null,
      description ?? null,
    ]),
});

const setStatus =
  (status: 'active' | 'suspended') =>
  async (ports: IdentityPorts, { id }: { id: string }) => {
    const changed = await askOne(
      ports,
      'select bulkhead.service_account_set_status($1, $2) as json',
      [id, status],
    );
    ports.changed();
    return changed;
  };

export const serviceAccountDisable = defineOperation({
  ...MANAGE,
  name: 'service_account.disable',
  summary: 'Disables a service account: none of its keys is good until it is enabled.',
  input: z.strictObject({ id: idField }),
  output: serviceAccount,
  event: 'service_account.disabled',
  errors: ABSENT,
  run: setStatus('suspended'),
});

export const serviceAccountEnable = defineOperation({
  ...MANAGE,
  name: 'service_account.enable',
  summary: 'Lets a disabled service account work again.',
  input: z.strictObject({ id: idField }),
  output: serviceAccount,
  event: 'service_account.enabled',
  errors: ABSENT,
  run: setStatus('active'),
});

export const serviceAccountDelete = defineOperation({
  ...MANAGE,
  name: 'service_account.delete',
  summary: 'Removes a service account with its keys and all it was granted.',
  input: z.strictObject({ id: idField }),
  output: z.null(),
  event: 'service_account.deleted',
  errors: ABSENT,
  async run(ports: IdentityPorts, { id }) {
    await askOne(ports, 'select bulkhead.service_account_delete($1)', [id]);
    ports.changed();
    return null;
  },
});

export const serviceAccountGet = defineOperation({
  room: 'identity',
  kind: 'read',
  permission: 'member:read',
  node: 'root',
  name: 'service_account.get',
  summary: 'A service account of the tenant.',
  input: z.strictObject({ id: idField }),
  output: serviceAccount,
  errors: ABSENT,
  run: (ports: IdentityPorts, { id }) =>
    askOne(ports, 'select bulkhead.service_account_get($1) as json', [id]),
});

export const serviceAccountList = defineOperation({
  room: 'identity',
  kind: 'read',
  permission: 'member:read',
  node: 'root',
  name: 'service_account.list',
  summary: 'The service accounts of the tenant.',
  input: z.strictObject({ after: afterField, limit: limitField }),
  output: z.object({ items: z.array(serviceAccount), next: z.string().nullable() }),
  errors: ['access.denied'],
  async run(ports: IdentityPorts, { after, limit }) {
    const rows = await ask(ports, 'select bulkhead.service_account_list($1, $2) as json', [
      after ?? null,
      limit + 1,
    ]);
    return page(z.array(serviceAccount).parse(rows), limit);
  },
});
