/**
 * What people keep of their own, whatever tenant they are in: sessions, passwords, second factors.
 *
 * Promises: it is always the session that asks which is worked on; its id never comes from the client.
 */
import { z } from 'zod';
import { type IdentityDoor, type OwnSession, signInCalls } from '../../identity/index.ts';
import { shownName } from '../../kernel/shown-name.ts';
import { httpError } from '../errors.ts';
import { controlOperation, type OperationCall, type SignedInSession } from '../operation.ts';
import type { AntiForgery } from '../request/cross-site.ts';
import { versioned } from '../request/entity-tag.ts';
import { timeField } from './paging.ts';
import { senderOf, stepOf, stepSchema } from './sign-in.ts';
import type { RowQuery } from './work.ts';

export type AccountDoors = Pick<
  IdentityDoor,
  | 'signIn'
  | 'passwords'
  | 'totp'
  | 'recoveryCodes'
  | 'passkeys'
  | 'emailChange'
  | 'factors'
  | 'sessions'
  | 'users'
  | 'invitations'
  | 'domains'
>;

const password = z.string().min(1).max(4_096);
const codes = z.array(z.string());
const FRESH = ['identity.session_invalid', 'identity.step_up_required'];

const factorsSchema = z.object({
  password: z.object({ changedAt: timeField }).nullable(),
  totp: z.object({ confirmedAt: timeField }).nullable(),
  recoveryCodesLeft: z.int(),
  passkeys: z.array(
    z.object({
      id: z.string(),
      name: z.string(),
      createdAt: timeField,
      lastUsedAt: timeField.nullable(),
      backedUp: z.boolean(),
    }),
  ),
});

export const ownSession = z.object({
  id: z.string(),
  device: z.string(),
  ip: z.string().nullable(),
  methods: z.array(z.string()),
  createdAt: timeField,
  lastSeenAt: timeField,
  endsAt: timeField,
  current: z.boolean(),
});

export const sessionOf = ({ session }: OperationCall<unknown>): SignedInSession => {
  if (session === null) throw new Error('the route demands a session');
  return session;
};

/** @param current the session that asks */
export const readSession = (session: OwnSession, current: string): z.input<typeof ownSession> => ({
  id: session.id,
  device: session.device,
  ip: session.ip,
  methods: [...session.methods],
  createdAt: session.createdAt.toISOString(),
  lastSeenAt: session.lastSeenAt.toISOString(),
  endsAt: session.endsAt.toISOString(),
  current: session.id === current,
});

export function accountOperations(doors: AccountDoors, query: RowQuery, antiForgery: AntiForgery) {
  const { signIn, passwords, totp, recoveryCodes, passkeys, factors, sessions, users } = doors;
  const { emailChange } = doors;
  return [
    controlOperation({
      name: 'account.tenants',
      summary: 'Says who is signed in, and lists the tenants that one belongs to.',
      permission: null,
      kind: 'read',
      input: z.strictObject({}),
      output: z.object({
        items: z.array(
          z.object({ id: z.string(), slug: z.string(), name: z.string(), status: z.string() }),
        ),
        next: z.null(),
        user: z.object({ id: z.string(), email: z.string(), name: z.string() }),
        csrfToken: z
          .string()
          .describe(
            'Send it as `X-CSRF-Token` with every change; the one of GET /me in every tenant.',
          ),
      }),
      errors: [],
      async run(call) {
        const { rows } = await query(
          'select id, slug, name, status from bulkhead.tenant where id = any ($1::uuid[]) order by name',
          [[...sessionOf(call).tenants]],
        );
        const items = rows.map(({ id, slug, name, status }) => ({
          id: String(id),
          slug: String(slug),
          name: String(name),
          status: String(status),
        }));
        const { id, userId } = sessionOf(call);
        const user = await users.find({ id: userId });
        // A session ends with its account.
        if (user === null) throw httpError('http.absent');
        const own = {
          items,
          next: null,
          user: { id: user.id, email: user.email, name: user.name },
          csrfToken: antiForgery.tokenForSession(id),
        };
        return versioned(own, user.version);
      },
    }),
    controlOperation({
      name: 'account.rename',
      summary: 'Changes one’s own name, in every membership too.',
      permission: null,
      kind: 'change',
      event: 'user.renamed',
      input: z.strictObject({ name: shownName }),
      output: z.object({ id: z.string(), email: z.string(), name: z.string() }),
      errors: ['identity.user_fields_invalid'],
      comparesItself: true,
      async run(call) {
        const { userId } = sessionOf(call);
        const user = await users.rename(userId, call.input.name, {
          by: `user:${userId}`,
          versions: call.versions,
        });
        return { id: user.id, email: user.email, name: user.name };
      },
    }),
    controlOperation({
      name: 'account.change_email',
      summary:
        'Mails a link to the address that one wants from now on, and tells the one from before.',
      description:
        'The address changes when the link is followed. Answers alike whether or not somebody has the new one.',
      permission: null,
      kind: 'change',
      event: 'user.email_change_asked',
      input: z.strictObject({ email: z.string().min(3).max(1_000) }),
      output: z.null(),
      errors: [
        'identity.email_invalid',
        'identity.throttled',
        'identity.mail_unconfigured',
        'identity.public_url_missing',
        ...FRESH,
      ],
      async run(call) {
        const { email } = call.input;
        await emailChange.request({ email, sessionId: sessionOf(call).id }, senderOf(call));
        return null;
      },
    }),
    controlOperation({
      name: 'account.confirm_email',
      summary:
        'Takes the new address by the link that was mailed to it; the one from before is told.',
      description: 'Only of the account that asked for it, so that nobody else’s press will do.',
      permission: null,
      kind: 'change',
      event: 'user.email_changed',
      input: z.strictObject({ token: z.string().min(1).max(64) }),
      output: z.object({ email: z.string().describe('The address from now on.') }),
      errors: ['identity.link_invalid', 'identity.email_taken', 'identity.session_invalid'],
      async run(call) {
        const { token } = call.input;
        const { id: sessionId } = sessionOf(call);
        return { ...(await emailChange.finish({ sessionId, token }, senderOf(call))) };
      },
    }),
    controlOperation({
      name: 'account.factors',
      summary: 'Shows by what one can sign in.',
      permission: null,
      kind: 'read',
      input: z.strictObject({}),
      output: factorsSchema,
      errors: FRESH,
      async run(call) {
        const held = await factors({ sessionId: sessionOf(call).id });
        return { ...held, passkeys: [...held.passkeys] };
      },
    }),
    controlOperation({
      name: 'account.step_up',
      summary: 'Begins to show again who one is, for what demands it.',
      permission: null,
      kind: 'change',
      input: z.strictObject({}),
      output: stepSchema,
      errors: ['identity.session_invalid', 'identity.throttled'],
      run: async (call) =>
        stepOf(await signIn.stepUp({ sessionId: sessionOf(call).id }, senderOf(call))),
    }),
    controlOperation({
      name: 'account.change_password',
      summary: 'Changes one’s password; all other sessions end.',
      permission: null,
      kind: 'change',
      event: 'password.changed',
      input: z.strictObject({ current: password, password }),
      output: z.object({ sessionsEnded: z.int() }),
      errors: [
        'identity.password_wrong',
        'identity.password_refused',
        'identity.password_unreadable',
        'identity.throttled',
        'identity.session_invalid',
      ],
      run: (call) =>
        passwords.change({ ...call.input, sessionId: sessionOf(call).id }, senderOf(call)),
    }),
    controlOperation({
      name: 'account.enrol_totp',
      summary: 'Begins to use an authenticator: the secret to scan, shown once.',
      permission: null,
      kind: 'change',
      input: z.strictObject({}),
      output: z.object({
        secret: z.string().describe('In base32, to be typed.'),
        uri: z.string().describe('The same for an app to open or to scan.'),
      }),
      errors: FRESH,
      run: async (call) => ({ ...(await totp.enrol({ sessionId: sessionOf(call).id })) }),
    }),
    controlOperation({
      name: 'account.confirm_totp',
      summary: 'Shows that the authenticator has the secret.',
      permission: null,
      kind: 'change',
      event: 'mfa.enrolled',
      input: z.strictObject({ code: z.string().min(1).max(64) }),
      output: z.object({
        recoveryCodes: codes.nullable().describe('Shown this once, with the first second factor.'),
      }),
      errors: ['identity.code_refused', 'identity.totp_absent', 'identity.throttled', ...FRESH],
      async run(call) {
        const { code } = call.input;
        const confirmed = await totp.confirm(
          { sessionId: sessionOf(call).id, code },
          senderOf(call),
        );
        const { recoveryCodes: shown } = confirmed as { recoveryCodes?: readonly string[] | null };
        return { recoveryCodes: shown == null ? null : [...shown] };
      },
    }),
    controlOperation({
      name: 'account.remove_totp',
      summary: 'Uses the authenticator no more.',
      permission: null,
      kind: 'change',
      event: 'mfa.removed',
      input: z.strictObject({}),
      output: z.null(),
      errors: ['identity.totp_absent', 'identity.last_factor', ...FRESH],
      async run(call) {
        await totp.remove({ sessionId: sessionOf(call).id }, senderOf(call));
        return null;
      },
    }),
    controlOperation({
      name: 'account.renew_recovery_codes',
      summary: 'Makes new recovery codes; the old ones are good no more.',
      permission: null,
      kind: 'change',
      event: 'recovery_code.renewed',
      input: z.strictObject({}),
      output: z.object({ recoveryCodes: codes.describe('Shown this once.') }),
      errors: ['identity.recovery_codes_pointless', ...FRESH],
      async run(call) {
        const renewed = await recoveryCodes.renew(
          { sessionId: sessionOf(call).id },
          senderOf(call),
        );
        return { recoveryCodes: [...renewed.recoveryCodes] };
      },
    }),
    controlOperation({
      name: 'account.passkey_options',
      summary: 'Begins to make a passkey: what the browser is told.',
      permission: null,
      kind: 'change',
      input: z.strictObject({}),
      output: z.object({ challenge: z.string(), options: z.record(z.string(), z.unknown()) }),
      errors: ['identity.passkeys_too_many', 'identity.public_url_missing', ...FRESH],
      async run(call) {
        const { flow, options } = await passkeys.begin({ sessionId: sessionOf(call).id });
        return { challenge: flow, options: { ...options } };
      },
    }),
    controlOperation({
      name: 'account.add_passkey',
      summary: 'Keeps the passkey that the browser made.',
      permission: null,
      kind: 'change',
      event: 'passkey.added',
      input: z.strictObject({
        challenge: z.string().min(1).max(64),
        response: z.record(z.string(), z.unknown()),
        name: shownName,
      }),
      output: z.object({ id: z.string(), recoveryCodes: codes.nullable() }),
      errors: [
        'identity.passkey_refused',
        'identity.passkey_known',
        'identity.flow_invalid',
        'http.input_invalid',
        ...FRESH,
      ],
      async run(call) {
        const { challenge: flow, response, name } = call.input;
        const parsed = signInCalls['passkeys.add'].safeParse({
          sessionId: sessionOf(call).id,
          flow,
          response,
          name,
        });
        if (!parsed.success) throw httpError('http.input_invalid');
        const added = await passkeys.add(
          parsed.data as Parameters<typeof passkeys.add>[0],
          senderOf(call),
        );
        return {
          id: added.id,
          recoveryCodes: added.recoveryCodes === null ? null : [...added.recoveryCodes],
        };
      },
    }),
    controlOperation({
      name: 'account.rename_passkey',
      summary: 'Gives a passkey another name.',
      permission: null,
      kind: 'change',
      input: z.strictObject({ id: z.uuid(), name: shownName }),
      output: z.null(),
      errors: ['identity.passkey_absent', 'identity.session_invalid'],
      async run(call) {
        await passkeys.rename({ ...call.input, sessionId: sessionOf(call).id }, senderOf(call));
        return null;
      },
    }),
    controlOperation({
      name: 'account.remove_passkey',
      summary: 'Uses a passkey no more.',
      permission: null,
      kind: 'change',
      event: 'passkey.removed',
      input: z.strictObject({ id: z.uuid() }),
      output: z.null(),
      errors: ['identity.passkey_absent', 'identity.last_factor', ...FRESH],
      async run(call) {
        await passkeys.remove({ id: call.input.id, sessionId: sessionOf(call).id }, senderOf(call));
        return null;
      },
    }),
    controlOperation({
      name: 'account.sessions',
      summary: 'Lists one’s own sessions, on all devices.',
      permission: null,
      kind: 'read',
      input: z.strictObject({}),
      output: z.object({ items: z.array(ownSession), next: z.null() }),
      errors: [],
      async run(call) {
        const current = sessionOf(call);
        const all = await sessions.list(current.userId);
        return { items: all.map((session) => readSession(session, current.id)), next: null };
      },
    }),
    controlOperation({
      name: 'account.end_session',
      summary: 'Ends one of one’s own sessions.',
      permission: null,
      kind: 'change',
      event: 'session.ended',
      input: z.strictObject({ id: z.uuid() }),
      output: z.null(),
      errors: ['http.absent'],
      async run(call) {
        const { userId } = sessionOf(call);
        if (!(await sessions.revoke(userId, call.input.id))) throw httpError('http.absent');
        return null;
      },
    }),
    controlOperation({
      name: 'account.end_other_sessions',
      summary: 'Ends all of one’s own sessions but this one.',
      permission: null,
      kind: 'change',
      event: 'session.ended',
      input: z.strictObject({}),
      output: z.object({ ended: z.int() }),
      errors: [],
      async run(call) {
        const { userId, id } = sessionOf(call);
        return { ended: await sessions.revokeAll(userId, { except: id }) };
      },
    }),
  ];
}
