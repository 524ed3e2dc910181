/** The things of the access room as operations take and give them. */
import { z } from 'zod';
import { shownName } from '../../kernel/shown-name.ts';

export const nameSchema = shownName.describe('What people are shown; 1 to 200 characters.');

export const actorIdSchema = z
  .string()
  .regex(/^[\x21-\x7e]{1,200}$/, 'must be 1 to 200 characters of printable ASCII')
  .describe('The actor’s id, as the signed context has it.');

/** A zod uuid takes upper case too; the database gives back lower case. */
export const idSchema = z.uuid().toLowerCase();

export const memberTypeSchema = z.enum(['user', 'service_account']);
export const permissionSchema = z
  .string()
  .regex(/^[a-z][a-z0-9_]{0,47}:[a-z][a-z0-9_]{0,47}$/, 'must be resource:action');
export const roleKeySchema = z
  .string()
  .regex(/^[a-z][a-z0-9_-]{0,62}$/, 'must be a word in lower case');
export const kindSchema = z
  .string()
  .regex(/^[a-z][a-z0-9_]{0,47}$/, 'must be a word in lower case');
export const memberRef = { type: memberTypeSchema, id: actorIdSchema };
export const memberSchema = z.strictObject({
  ...memberRef,
  name: z.string(),
  email: z.string().nullable(),
  status: z.enum(['active', 'suspended']),
  createdAt: z.string(),
});
export type Member = z.output<typeof memberSchema>;

export const nodeSchema = z.strictObject({
  id: z.uuid(),
  parent: z.uuid().nullable(),
  kind: z.string(),
  name: z.string(),
  ancestors: z.array(z.uuid()),
  createdAt: z.string(),
});
export type Node = z.output<typeof nodeSchema>;

export const roleSchema = z.strictObject({
  key: z.string(),
  name: z.string(),
  description: z.string(),
  kind: z.string().nullable(),
  builtIn: z.boolean(),
  permissions: z.array(z.string()),
  inherits: z.array(z.string()),
});
export type Role = z.output<typeof roleSchema>;
export const wholeRoleSchema = roleSchema.extend({
  holds: z.array(z.string()).describe('All that it holds, inherited or not.'),
});

export const groupSchema = z.strictObject({
  id: z.uuid(),
  name: z.string(),
  createdAt: z.string(),
});
export type Group = z.output<typeof groupSchema>;

export const holderSchema = z.strictObject({
  type: z.enum(['user', 'service_account', 'group']),
  id: actorIdSchema,
});
const HOLDER = /^(?:user|service_account|group):[\x21-\x7e]{1,200}$/;
export const holderNameSchema = z
  .string()
  .regex(HOLDER, 'must be user, service_account or group, a colon, and an id')
  .describe('`user:`, `service_account:` or `group:`, and the id.');
export const grantSchema = z.strictObject({
  id: z.uuid(),
  holder: holderSchema,
  role: z.string(),
  node: z.uuid(),
  source: z.string(),
  expiresAt: z.string().nullable(),
  grantedBy: z.string(),
  createdAt: z.string(),
});
export type Grant = z.output<typeof grantSchema>;

export const nothingSchema = z.strictObject({});
