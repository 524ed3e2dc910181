/**
 * Coming into a tenant: by the link of an invitation, or by the domain of one's address.
 *
 * Promises: whoever has no good link learns nothing of tenants or of who was invited; the link's secret travels
 * in bodies alone, which are not logged.
 */
import { z } from 'zod';
import type { IdentityDoor } from '../../identity/index.ts';
import { shownName } from '../../kernel/shown-name.ts';
import { controlOperation } from '../operation.ts';
import { sessionOf } from './account.ts';
import { timeField } from './paging.ts';
import { hostOf, senderOf } from './sign-in.ts';

export type JoiningDoors = Pick<IdentityDoor, 'invitations' | 'domains' | 'sessions'>;

const token = z.string().min(1).max(100).describe('What stands behind the # of the link.');
const joined = z.object({
  tenant: z.object({ id: z.string(), slug: z.string(), name: z.string() }),
  role: z.string(),
});
const openTenant = z.object({ id: z.string(), slug: z.string(), name: z.string() });
const REFUSED = ['identity.invitation_refused'];

const placeOf = (given: {
  readonly tenantId: string;
  readonly slug: string;
  readonly tenant: string;
}) => ({ id: given.tenantId, slug: given.slug, name: given.tenant });

export function joiningOperations({ invitations, domains, sessions }: JoiningDoors) {
  return [
    controlOperation({
      name: 'invitation.look',
      summary: 'Shows what a link invites to; uses nothing up.',
      permission: null,
      kind: 'read',
      input: z.strictObject({ token }),
      output: z.object({
        tenant: z.string(),
        slug: z.string(),
        email: z.string().describe('No other address may accept.'),
        name: z.string().nullable(),
        expiresAt: timeField,
        passwordLengthMin: z.int(),
      }),
      errors: REFUSED,
      run: ({ input }) => invitations.look(input),
    }),
    controlOperation({
      name: 'invitation.register',
      summary: 'Accepts an invitation with a new account, and signs in.',
      permission: null,
      kind: 'change',
      event: 'invitation.accepted',
      input: z.strictObject({
        token,
        name: shownName,
        password: z.string().min(1).max(4_096),
      }),
      output: joined,
      errors: [...REFUSED, 'identity.password_refused', 'identity.password_unreadable'],
      async run(call) {
        const registered = await invitations.register(call.input, senderOf(call));
        const { role, sessionToken } = registered;
        const body = { tenant: placeOf(registered), role };
        const setCookies = [sessions.cookie.set(sessionToken, hostOf(call.request))];
        // Taken as what it is by the handler: cookies beside the body.
        return { setCookies, body } as unknown as typeof body;
      },
    }),
    controlOperation({
      name: 'invitation.accept',
      summary: 'Accepts an invitation with one’s own account.',
      permission: null,
      kind: 'change',
      event: 'invitation.accepted',
      input: z.strictObject({ token }),
      output: joined,
      errors: REFUSED,
      async run(call) {
        const { userId } = sessionOf(call);
        const accepted = await invitations.accept({ token: call.input.token, userId });
        return { tenant: placeOf(accepted), role: accepted.role };
      },
    }),
    controlOperation({
      name: 'joinable_tenant.list',
      summary: 'Lists the tenants that one may join by the domain of one’s verified address.',
      permission: null,
      kind: 'read',
      input: z.strictObject({}),
      output: z.object({ items: z.array(openTenant), next: z.null() }),
      errors: [],
      async run(call) {
        const open = await domains.openTo({ userId: sessionOf(call).userId });
        return { items: open.map(placeOf), next: null };
      },
    }),
    controlOperation({
      name: 'joinable_tenant.join',
      summary: 'Joins one of them.',
      permission: null,
      kind: 'change',
      event: 'member.added',
      input: z.strictObject({ id: z.uuid() }),
      output: joined,
      errors: ['identity.domain_join_refused'],
      async run(call) {
        const { userId } = sessionOf(call);
        const place = await domains.join({ userId, tenantId: call.input.id });
        return { tenant: placeOf(place), role: place.role };
      },
    }),
  ];
}
