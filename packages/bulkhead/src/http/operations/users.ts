/**
 * People's accounts, for those who run the product: a tenant's own administrators know members, not accounts.
 *
 * Promises: nothing here shows or sets a credential; a person sets their own password by a link.
 */
import { z } from 'zod';
import { type IdentityDoor, identityError, type User } from '../../identity/index.ts';
import { shownName } from '../../kernel/shown-name.ts';
import { controlOperation, type OperationCall } from '../operation.ts';
import { versioned } from '../request/entity-tag.ts';
import { ownSession, readSession } from './account.ts';
import { afterField, limitField, pageOf, timeField } from './paging.ts';
import { nameOf, type RowQuery } from './work.ts';

export type UserDoors = Pick<IdentityDoor, 'users' | 'sessions'>;

const userSchema = z.object({
  id: z.string(),
  email: z.string(),
  name: z.string(),
  status: z.enum(['active', 'disabled']),
  emailVerifiedAt: timeField.nullable(),
  createdAt: timeField,
  updatedAt: timeField,
});

const userStory = userSchema.extend({
  tenants: z
    .array(z.object({ id: z.string(), slug: z.string(), name: z.string(), membership: z.string() }))
    .describe('Where they are a member, the operators among them.'),
});

const id = z.uuid();
const name = shownName;
const reason = z.string().trim().min(1).max(1_000).describe('Why, for the record.');
const ABSENT = ['identity.user_absent'];
const OWNERS =
  'An owner is out of reach for all but an owner of the operators, or of every tenant that the person owns.';

const TENANTS = `
  select t.id, t.slug, t.name, m.status from bulkhead.membership m join bulkhead.tenant t on t.id = m.tenant_id
   where m.type = 'user' and m.id = $1 order by t.slug limit 1000`;

const plain = (user: User): z.input<typeof userSchema> => ({
  ...user,
  emailVerifiedAt: user.emailVerifiedAt?.toISOString() ?? null,
  createdAt: user.createdAt.toISOString(),
  updatedAt: user.updatedAt.toISOString(),
});

export function userOperations({ users, sessions }: UserDoors, query: RowQuery) {
  const callerOf = ({ caller }: OperationCall<unknown>) => {
    if (caller === null) throw new Error('the route demands credentials');
    return caller;
  };
  const by = (call: OperationCall<unknown>) => ({ by: nameOf(callerOf(call)) });
  /** What only an owner does to an owner. */
  const byRank = (call: OperationCall<unknown>) => {
    const { type, id: key } = callerOf(call).context.actor;
    return { ...by(call), operator: `${type}:${key}` };
  };
  async function found(of: string): Promise<User> {
    const user = await users.find({ id: of });
    if (user === null) throw identityError('identity.user_absent');
    return user;
  }
  return [
    controlOperation({
      name: 'user.list',
      summary: 'Lists people’s accounts, in order of their addresses.',
      permission: 'tenant:read',
      kind: 'read',
      input: z.strictObject({
        email: z.string().min(3).max(320).optional().describe('This address alone.'),
        after: afterField,
        limit: limitField(50),
      }),
      output: pageOf(userSchema),
      errors: ['identity.email_invalid'],
      async run({ input: { email, after, limit } }) {
        if (email !== undefined) {
          const user = await users.find({ email });
          return { items: user === null ? [] : [plain(user)], next: null };
        }
        const page = await users.list({ limit, ...(after !== undefined && { after }) });
        return { items: page.users.map(plain), next: page.next };
      },
    }),
    controlOperation({
      name: 'user.create',
      summary: 'Makes an account; its owner sets the password by a link.',
      permission: 'tenant:manage',
      kind: 'change',
      event: 'user.created',
      input: z.strictObject({ email: z.string().min(3).max(320), name: name.optional() }),
      output: userSchema,
      errors: ['identity.email_invalid', 'identity.email_taken', 'identity.user_fields_invalid'],
      run: async (call) => {
        const { email, name: given } = call.input;
        return plain(
          await users.create({ email, ...(given !== undefined && { name: given }) }, by(call)),
        );
      },
    }),
    controlOperation({
      name: 'user.get',
      summary: 'Shows an account, and where its owner is a member.',
      permission: 'tenant:read',
      kind: 'read',
      input: z.strictObject({ user: id }),
      output: userStory,
      errors: ABSENT,
      async run({ input: { user: of } }) {
        const [user, { rows }] = [await found(of), await query(TENANTS, [of])];
        const story = {
          ...plain(user),
          tenants: rows.map((row) => ({
            id: String(row.id),
            slug: String(row.slug),
            name: String(row.name),
            membership: String(row.status),
          })),
        };
        return versioned(story, user.version);
      },
    }),
    controlOperation({
      name: 'user.rename',
      summary: 'Changes a person’s name, in every membership too.',
      permission: 'tenant:manage',
      kind: 'change',
      event: 'user.renamed',
      input: z.strictObject({ user: id, name }),
      output: userSchema,
      errors: [...ABSENT, 'identity.user_fields_invalid'],
      comparesItself: true,
      run: async (call) => {
        const { user, name: wanted } = call.input;
        return plain(await users.rename(user, wanted, { ...by(call), versions: call.versions }));
      },
    }),
    controlOperation({
      name: 'user.disable',
      summary: 'Shuts a person out of every tenant: all their sessions end.',
      description: OWNERS,
      permission: 'tenant:manage',
      kind: 'change',
      event: 'user.disabled',
      input: z.strictObject({ user: id, reason }),
      output: userSchema,
      errors: [...ABSENT, 'access.owner_protected'],
      run: async (call) =>
        plain(await users.disable(call.input.user, { ...byRank(call), reason: call.input.reason })),
    }),
    controlOperation({
      name: 'user.enable',
      summary: 'Lets a person in again.',
      permission: 'tenant:manage',
      kind: 'change',
      event: 'user.enabled',
      input: z.strictObject({ user: id }),
      output: userSchema,
      errors: ABSENT,
      run: async (call) => plain(await users.enable(call.input.user, by(call))),
    }),
    controlOperation({
      name: 'user.reset_factors',
      summary: 'Takes every second factor from a person who lost theirs: all their sessions end.',
      description: `Authenticator, passkeys and recovery codes go. Know by other means who asks: this is what somebody pretending would ask for. Only in a session that showed a second factor of its own within ten minutes; a key is not enough. ${OWNERS}`,
      permission: 'tenant:manage',
      kind: 'change',
      dangerous: true,
      event: 'mfa.reset',
      input: z.strictObject({ user: id, reason }),
      output: z
        .object({ totp: z.boolean(), passkeys: z.int(), recoveryCodes: z.int() })
        .describe('What there was.'),
      errors: [...ABSENT, 'identity.step_up_required', 'access.owner_protected'],
      run: async (call) => ({
        ...(await users.resetFactors(call.input.user, {
          ...byRank(call),
          reason: call.input.reason,
        })),
      }),
    }),
    controlOperation({
      name: 'user.sessions',
      summary: 'Lists a person’s sessions, on all devices.',
      permission: 'tenant:read',
      kind: 'read',
      input: z.strictObject({ user: id }),
      output: z.object({ items: z.array(ownSession), next: z.null() }),
      errors: ABSENT,
      async run({ input: { user: of } }) {
        await found(of);
        return {
          items: (await sessions.list(of)).map((session) => readSession(session, '')),
          next: null,
        };
      },
    }),
    controlOperation({
      name: 'user.end_sessions',
      summary: 'Ends all of a person’s sessions.',
      description: OWNERS,
      permission: 'tenant:manage',
      kind: 'change',
      event: 'session.ended',
      input: z.strictObject({ user: id }),
      output: z.object({ ended: z.int() }),
      errors: [...ABSENT, 'access.owner_protected'],
      async run(call) {
        const { user: of } = call.input;
        await found(of);
        return { ended: await sessions.revokeAll(of, byRank(call)) };
      },
    }),
  ];
}
