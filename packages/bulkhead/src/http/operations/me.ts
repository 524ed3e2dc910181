/** Who is signed in, and what they may do. */
import { z } from 'zod';
import type { User } from '../../identity/index.ts';
import { isBulkheadError } from '../../kernel/errors.ts';
import { controlOperation } from '../operation.ts';
import type { AntiForgery } from '../request/cross-site.ts';
import { versioned } from '../request/entity-tag.ts';
import type { AccountDoors } from './account.ts';
import type { ControlWork } from './work.ts';

const tenantRef = z.object({ id: z.string(), slug: z.string(), name: z.string() });

export const meSchema = z.object({
  actor: z.object({
    type: z.string(),
    id: z.string(),
    name: z.string(),
    email: z.string().nullable(),
  }),
  plane: z
    .enum(['operator', 'tenant'])
    .describe('Operators see every tenant; anybody else theirs.'),
  tenant: tenantRef.nullable().describe('Null for operators.'),
  permissions: z.array(z.string()),
  csrfToken: z.string().describe('Send it as `X-CSRF-Token` with every change.'),
  version: z.string(),
});

export function meOperations(
  work: ControlWork,
  { users }: Pick<AccountDoors, 'users'>,
  antiForgery: AntiForgery,
) {
  /** Null for a key, and for people whom somebody else signs in. */
  async function accountOf(type: string, id: string): Promise<User | null> {
    if (type !== 'user') return null;
    try {
      return await users.find({ id });
    } catch (error) {
      if (isBulkheadError(error) && error.code === 'identity.accounts_unconfigured') return null;
      throw error;
    }
  }
  return [
    controlOperation({
      name: 'me.get',
      summary: 'Says who is signed in.',
      permission: null,
      kind: 'read',
      input: z.strictObject({}),
      output: meSchema,
      errors: [],
      async run({ caller }) {
        if (caller === null) throw new Error('the route demands credentials');
        const { context, plane } = caller;
        const { type, id, name } = context.actor;
        const [{ rows }, account] = await Promise.all([
          work.operatorQuery(
            `select t.slug, t.name, m.email from bulkhead.tenant t
               left join bulkhead.membership m on m.tenant_id = t.id and m.type = $2 and m.id = $3
              where t.id = $1`,
            [context.tenant.id, type, id],
          ),
          accountOf(type, id),
        ]);
        const email = rows[0]?.email;
        const me = {
          actor: {
            type,
            id,
            // What the session says may be some seconds old, and a change of it is based on what is read here.
            name: account?.name ?? name ?? id,
            email: typeof email === 'string' ? email : null,
          },
          plane,
          tenant:
            plane === 'operator'
              ? null
              : {
                  id: context.tenant.id,
                  slug: String(rows[0]?.slug ?? context.tenant.id),
                  name: String(rows[0]?.name ?? context.tenant.id),
                },
          permissions: [...(await work.permissionsOf(context))],
          csrfToken: antiForgery.tokenFor(context),
          version: work.version,
        };
        return account === null ? me : versioned(me, account.version);
      },
    }),
  ];
}
