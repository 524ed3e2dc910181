/** API keys: by which programs act for a member, never with more than the member may. */
import { z } from 'zod';
import { momentSchema } from '../../kernel/moment.ts';
import { defineOperation } from '../../kernel/operation.ts';
import { mintApiKey } from '../keys/api-key-token.ts';
import { afterField, idField, limitField, namedField, nameField, timeField } from './fields.ts';
import { ask, askOne, type IdentityPorts, page } from './identity-operation.ts';

const stored = z.object({
  id: idField,
  name: z.string(),
  holder: namedField,
  permissions: z.array(z.string()).nullable(),
  nodes: z.array(z.string()).nullable(),
  hint: z.string().nullable(),
  createdAt: timeField,
  createdBy: z.string(),
  expiresAt: timeField.nullable(),
  revokedAt: timeField.nullable(),
  lastUsedAt: timeField.nullable(),
  lastUsedIp: z.string().nullable(),
});

const apiKey = stored.omit({ hint: true }).extend({
  prefix: z
    .string()
    .describe('By which people tell their keys apart: how the token begins and ends.'),
  permissions: z
    .array(z.string())
    .nullable()
    .describe('The only ones it passes on; null for all that its holder has.'),
  nodes: z.array(z.string()).nullable().describe('The only ones, with all below; null for all.'),
});
export type ApiKey = z.output<typeof apiKey>;

const withToken = apiKey.extend({
  token: z.string().describe('Shown this once; only its hash is kept.'),
});

const shown = (ports: IdentityPorts, json: unknown): ApiKey => {
  const { hint, ...rest } = stored.parse(json);
  return { ...rest, prefix: `${ports.keyPrefix}_…${hint ?? ''}` };
};

const HOUR_SECONDS = 3_600;
const OVERLAP_HOURS_MAX = 168;
const OWN = 'One’s own needs no permission.';

const holderField = z
  .strictObject({ type: z.enum(['user', 'service_account']), id: z.string().min(1).max(200) })
  .optional()
  .describe('A service account; yourself unless given.');

export const apiKeyCreate = defineOperation({
  room: 'identity',
  kind: 'change',
  permission: 'api_key:manage',
  node: 'root',
  name: 'api_key.create',
  summary: `Makes a key for a service account, or for oneself. ${OWN}`,
  input: z.strictObject({
    name: nameField,
    holder: holderField,
    permissions: z.array(z.string().max(100)).min(1).max(500).nullish(),
    nodes: z.array(idField).min(1).max(500).nullish(),
    expiresAt: momentSchema.nullish(),
  }),
  output: withToken,
  event: 'api_key.created',
  errors: [
    'access.denied',
    'access.exceeds_own',
    'access.permission_unknown',
    'access.node_absent',
    'identity.api_key_holder_invalid',
    'identity.api_key_expiry_invalid',
    'identity.api_key_too_many',
  ],
  async run(ports: IdentityPorts, { name, holder, permissions, nodes, expiresAt }) {
    const { token, hash, hint } = mintApiKey(ports.keyPrefix);
    const { type, id } = holder ?? ports.actor();
    const made = await askOne(
      ports,
      'select bulkhead.api_key_create($1, $2, $3, $4, $5, $6, $7, $8) as json',
      [type, id, name, permissions ?? null, nodes ?? null, expiresAt ?? null, hash, hint],
    );
    ports.changed();
    return { ...shown(ports, made), token };
  },
});

export const apiKeyRotate = defineOperation({
  room: 'identity',
  kind: 'change',
  permission: 'api_key:manage',
  node: 'root',
  name: 'api_key.rotate',
  summary: `Gives a key another token; the old one is good for the overlap. ${OWN}`,
  input: z.strictObject({
    id: idField,
    overlapHours: z.number().min(0).max(OVERLAP_HOURS_MAX).default(24),
  }),
  output: withToken,
  event: 'api_key.rotated',
  errors: [
    'access.denied',
    'access.exceeds_own',
    'identity.api_key_absent',
    'identity.api_key_holder_invalid',
  ],
  async run(ports: IdentityPorts, { id, overlapHours }) {
    const { token, hash, hint } = mintApiKey(ports.keyPrefix);
    const rotated = await askOne(ports, 'select bulkhead.api_key_rotate($1, $2, $3, $4) as json', [
      id,
      hash,
      hint,
      Math.round(overlapHours * HOUR_SECONDS),
    ]);
    return { ...shown(ports, rotated), token };
  },
});

export const apiKeyRevoke = defineOperation({
  room: 'identity',
  kind: 'change',
  permission: 'api_key:manage',
  node: 'root',
  name: 'api_key.revoke',
  summary: `Withdraws a key, within a second in every process. ${OWN}`,
  input: z.strictObject({ id: idField }),
  output: apiKey,
  event: 'api_key.revoked',
  errors: ['access.denied', 'identity.api_key_absent'],
  async run(ports: IdentityPorts, { id }) {
    const revoked = await askOne(ports, 'select bulkhead.api_key_revoke($1) as json', [id]);
    ports.changed();
    return shown(ports, revoked);
  },
});

export const apiKeyList = defineOperation({
  room: 'identity',
  kind: 'read',
  permission: 'api_key:read',
  node: 'root',
  name: 'api_key.list',
  summary: `The keys that were not withdrawn: of one holder, or of all. ${OWN}`,
  input: z.strictObject({
    holderType: z.enum(['user', 'service_account']).optional(),
    holderId: z.string().min(1).max(200).optional(),
    after: afterField,
    limit: limitField,
  }),
  output: z.object({ items: z.array(apiKey), next: z.string().nullable() }),
  errors: ['access.denied'],
  async run(ports: IdentityPorts, { holderType, holderId, after, limit }) {
    const rows = await ask(ports, 'select bulkhead.api_key_list($1, $2, $3, $4) as json', [
      holderId === undefined ? null : (holderType ?? 'user'),
      holderId ?? null,
      after ?? null,
      limit + 1,
    ]);
    return page(
      rows.map((row) => shown(ports, row)),
      limit,
    );
  },
});
