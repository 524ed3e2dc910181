/**
 * Every endpoint of the API, one row each, by hand: who is let in, how it is asked so that it succeeds, what of
 * another tenant it is asked for in vain, and what it leaves in the log. The test beside it runs them all; an
 * endpoint without a row fails it.
 */
import type { EndpointWorld } from './endpoints.world.ts';

/** How it is asked: what stands in the path, and the body. */
export interface Ask {
  readonly path?: Readonly<Record<string, string>>;
  readonly query?: string;
  readonly body?: unknown;
}

export interface ExpectedEndpoint {
  /** Who is let in, of `everybody`; all others are refused. */
  readonly yes: string;
  /** Columns that would lose by it what the other rows need. */
  readonly untried?: string;
  /** Anew for each who is let in. */
  readonly ask?: (world: EndpointWorld) => Ask | Promise<Ask>;
  /** What it answers to such a one where it can't succeed here. */
  readonly answers?: string;
  /** The same, naming what is Bora's; an owner of Acme asks. Absent where nothing of the kind is named. */
  readonly foreign?: (bora: EndpointWorld) => Ask | Promise<Ask>;
  /** What stands in that answer, where it isn't 403 or 404. */
  readonly foreignAnswers?: string;
  /** The action that a change leaves in the log; null for a change of nothing that lasts. */
  readonly event?: string | null;
}

/** The columns: nobody at all, somebody of another tenant, Acme's roles, a key of an admin's service account, operators' roles. */
export const everybody =
  'anonymous stranger owner admin member viewer auditor billing nobody key op-owner op-admin op-member op-viewer op-auditor op-billing op-nobody';

const bosses = 'op-owner op-admin';
const staff = `${bosses} op-auditor`;
const managers = `owner admin key ${bosses}`;
/** Who looks after access, without keys: nobody takes them over by one. */
const people = `owner admin ${bosses}`;
const readers = `${managers} auditor op-auditor`;
const acme = 'owner admin member viewer auditor billing nobody key';
const crew = 'op-owner op-admin op-member op-viewer op-auditor op-billing op-nobody';
/** Whoever has a session of their own, whatever they may do: a column of the test's own. */
const session = 'session';
/** Open to all: four of the columns stand for every one, because attempts are counted. */
const open = {
  yes: 'anonymous stranger owner session',
  untried:
    'admin member viewer auditor billing nobody key op-owner op-admin op-member op-viewer op-auditor op-billing op-nobody',
} as const;

const REASON = 'asked by the customer';
const soon = () => new Date(Date.now() + 3_600_000).toISOString();
const some = (world: EndpointWorld) => world.fresh();
const byId =
  (make: (world: EndpointWorld) => Promise<string>, body?: (world: EndpointWorld) => unknown) =>
  async (world: EndpointWorld): Promise<Ask> => ({
    path: { id: await make(world) },
    ...(body !== undefined && { body: body(world) }),
  });
const member = (body?: () => unknown) => async (world: EndpointWorld) => ({
  path: { type: 'user', id: await world.member() },
  ...(body !== undefined && { body: body() }),
});
const user = (body?: () => unknown) => async (world: EndpointWorld) => ({
  path: { user: await world.user() },
  ...(body !== undefined && { body: body() }),
});
const group = (w: EndpointWorld) => w.group();
const node = (w: EndpointWorld) => w.node();
const grant = (w: EndpointWorld) => w.grant();
const account = (w: EndpointWorld) => w.serviceAccount();
const key = (w: EndpointWorld) => w.apiKey();
const invitation = (w: EndpointWorld) => w.invitation();
const nobodys = (w: EndpointWorld) => Promise.resolve(w.absent);

const looks = { yes: staff } as const;

export const expected: Readonly<Record<string, ExpectedEndpoint>> = {
  // Signing in: whoever has nothing to show is told so by the operation, not by the door.
  'sign_in.password': {
    ...open,
    ask: () => ({ body: { email: 'nobody@test.example', password: 'wrong' } }),
    answers: 'identity.sign_in_refused',
  },
  'sign_in.second_factor': {
    ...open,
    ask: (w) => ({ body: { challenge: w.absent, method: 'totp', code: '123456' } }),
    answers: 'identity.flow_invalid',
  },
  'sign_in.new_password': {
    ...open,
    ask: (w) => ({ body: { challenge: w.absent, password: 'a new and long password' } }),
    answers: 'identity.flow_invalid',
  },
  'sign_in.passkey_options': {
    ...open,
    ask: () => ({ body: {} }),
    event: null,
  },
  'sign_in.passkey_verify': {
    ...open,
    ask: (w) => ({ body: { challenge: w.absent, response: {} } }),
    answers: 'identity.passkey_refused',
  },
  // Whoever is signed in needs to stay so here.
  'sign_out.all': {
    ...open,
    yes: 'anonymous stranger owner',
    untried: `${open.untried} session`,
    event: null,
  },
  'password_reset.request': {
    ...open,
    ask: () => ({ body: { email: 'nobody@test.example' } }),
    event: null,
  },
  'password_reset.finish': {
    ...open,
    ask: () => ({ body: { token: 'x'.repeat(43), password: 'a new and long password' } }),
    answers: 'identity.reset_invalid',
  },
  'invitation.look': {
    ...open,
    ask: () => ({ body: { token: 'x'.repeat(43) } }),
    answers: 'identity.invitation_refused',
  },
  'invitation.register': {
    ...open,
    ask: () => ({
      body: { token: 'x'.repeat(43), name: 'Eve', password: 'a new and long password' },
    }),
    answers: 'identity.invitation_refused',
  },

  // One's own.
  'invitation.accept': {
    yes: session,
    ask: () => ({ body: { token: 'x'.repeat(43) } }),
    answers: 'identity.invitation_refused',
  },
  'joinable_tenant.list': { yes: session },
  'joinable_tenant.join': {
    yes: session,
    ask: byId(nobodys),
    answers: 'identity.domain_join_refused',
  },
  'account.rename': {
    yes: session,
    ask: (w) => ({ body: { name: some(w) } }),
    event: 'user.renamed',
  },
  'account.tenants': { yes: session },
  'account.factors': { yes: session },
  'account.step_up': { yes: session, event: null },
  'account.change_email': {
    yes: session,
    ask: (w) => ({ body: { email: `${some(w)}@test.example` } }),
    event: 'user.email_change_asked',
  },
  'account.confirm_email': {
    yes: session,
    ask: () => ({ body: { token: 'x'.repeat(43) } }),
    answers: 'identity.link_invalid',
  },
  'account.change_password': {
    yes: session,
    ask: () => ({ body: { current: 'wrong', password: 'a new and long password' } }),
    answers: 'identity.password_wrong',
  },
  'account.enrol_totp': { yes: session, event: null },
  'account.confirm_totp': {
    yes: session,
    ask: () => ({ body: { code: '000000' } }),
    answers: 'identity.code_refused',
  },
  'account.remove_totp': { yes: session, answers: 'identity.totp_absent' },
  'account.renew_recovery_codes': { yes: session, answers: 'identity.recovery_codes_pointless' },
  'account.passkey_options': { yes: session, event: null },
  'account.add_passkey': {
    yes: session,
    ask: (w) => ({ body: { challenge: w.absent, response: {}, name: 'Key' } }),
    answers: 'http.input_invalid',
  },
  'account.rename_passkey': {
    yes: session,
    ask: byId(nobodys, () => ({ name: 'Key' })),
    answers: 'identity.passkey_absent',
  },
  'account.remove_passkey': {
    yes: session,
    ask: byId(nobodys),
    answers: 'identity.passkey_absent',
  },
  'account.sessions': { yes: session },
  'account.end_session': { yes: session, ask: byId((w) => w.ownSession()), event: 'session.ended' },
  'account.end_other_sessions': {
    yes: session,
    ask: async (w) => {
      await w.ownSession();
      return {};
    },
    event: 'session.ended',
  },

  // Whoever is signed in.
  'me.get': { yes: `${acme} ${crew} stranger ${session}` },
  'stream.get': { yes: `stranger owner admin auditor key op-owner op-admin op-auditor` },

  // Operators, across tenants.
  'overview.get': looks,
  'overview.hull': looks,
  'settings.get': looks,
  'tracked_table.list': looks,
  'isolation.get': looks,
  'isolation.prove': { yes: bosses, answers: 'http.job_running' },
  'audit.verify': { yes: staff, answers: 'http.job_running' },
  'job.list': looks,
  'job.get': { yes: staff, ask: async (w) => ({ path: { job: await w.job() } }) },
  'job.cancel': {
    yes: bosses,
    ask: async (w) => ({ path: { job: await w.job() } }),
    event: 'job.cancelled',
  },
  'tenant.list': looks,
  'tenant.create': {
    yes: bosses,
    ask: (w) => ({ body: { slug: some(w) } }),
    event: 'tenant.created',
  },
  'tenant.disable': {
    yes: bosses,
    ask: async (w) => ({ path: { tenant: await w.tenant() }, body: { reason: REASON } }),
    event: 'tenant.suspended',
  },
  'tenant.enable': {
    yes: bosses,
    ask: async (w) => ({ path: { tenant: await w.tenant('suspended') }, body: { reason: REASON } }),
    event: 'tenant.restored',
  },
  'tenant.add_domain': {
    yes: bosses,
    ask: (w) => ({ body: { domain: `${some(w)}.example` } }),
    event: 'tenant.domain_added',
  },
  'tenant.remove_domain': {
    yes: bosses,
    ask: async (w) => ({ path: { domain: await w.domain() } }),
    foreign: async (bora) => ({ path: { domain: await bora.domain() } }),
    event: 'tenant.domain_removed',
  },
  'user.list': looks,
  'user.get': { yes: staff, ask: user() },
  'user.create': {
    yes: bosses,
    ask: (w) => ({ body: { email: `${some(w)}@test.example` } }),
    event: 'user.created',
  },
  'user.rename': { yes: bosses, ask: user(() => ({ name: 'Other' })), event: 'user.renamed' },
  'user.disable': { yes: bosses, ask: user(() => ({ reason: REASON })), event: 'user.disabled' },
  'user.enable': {
    yes: bosses,
    ask: async (w) => ({ path: { user: await w.user('disabled') } }),
    event: 'user.enabled',
  },
  'user.reset_factors': {
    yes: bosses,
    ask: user(() => ({ reason: REASON })),
    answers: 'identity.step_up_required',
  },
  'user.sessions': { yes: staff, ask: user() },
  'user.end_sessions': {
    yes: bosses,
    ask: async (w) => ({ path: { user: await w.userWithSession() } }),
    event: 'session.ended',
  },

  // One tenant's entry in the directory.
  'tenant.get': { yes: readers },
  'tenant.rename': {
    yes: managers,
    ask: (w) => ({ body: { name: some(w) } }),
    event: 'tenant.renamed',
  },
  'tenant.close': {
    yes: 'op-owner',
    untried: 'owner',
    ask: async (w) => ({ path: { tenant: await w.tenant() }, body: { reason: REASON } }),
    event: 'tenant.closed',
  },

  // Its log.
  'event.search': { yes: readers },
  'event.histogram': { yes: readers },
  'event.facets': { yes: readers },
  'event.export': { yes: readers },
  'event.get': {
    yes: readers,
    ask: async (w) => ({ path: { event: await w.event() } }),
    foreign: async (bora) => ({ path: { event: await bora.event() } }),
  },
  'event.prove': {
    yes: readers,
    ask: async (w) => ({ path: { event: await w.event() } }),
    foreign: async (bora) => ({ path: { event: await bora.event() } }),
  },
  'log.list': { yes: readers },
  'log.prove': {
    yes: readers,
    ask: () => ({ path: { class: 'standard' }, query: '?from=1&to=1000000' }),
    answers: 'audit.leaf_absent',
  },
  'audit.erase': {
    yes: managers,
    ask: (w) => ({ body: { subject: { type: 'user', id: w.fresh() }, reason: REASON } }),
    event: 'subject.erased',
  },

  // Members, groups, roles, grants and the tree.
  'member.list': { yes: `${readers} member viewer op-member op-viewer` },
  'member.get': {
    yes: `${readers} member viewer op-member op-viewer`,
    ask: member(),
    foreign: member(),
  },
  'member.add': {
    yes: managers,
    ask: (w) => ({ body: { type: 'user', id: some(w), name: 'New' } }),
    event: 'member.added',
  },
  'member.rename': {
    yes: managers,
    ask: member(() => ({ name: 'Other' })),
    foreign: member(() => ({ name: 'Other' })),
    event: 'member.renamed',
  },
  'member.remove': { yes: managers, ask: member(), foreign: member(), event: 'member.removed' },
  'member.suspend': { yes: managers, ask: member(), foreign: member(), event: 'member.suspended' },
  'member.restore': {
    yes: managers,
    ask: async (w) => ({ path: { type: 'user', id: await w.member('suspended') } }),
    foreign: async (w) => ({ path: { type: 'user', id: await w.member('suspended') } }),
    event: 'member.restored',
  },
  // Whoever it is who goes: the column's own person would be missed.
  'member.leave': { yes: 'leaver', untried: `${acme} ${crew} session`, event: 'member.left' },
  'ownership.transfer': {
    yes: 'co-owner',
    untried: 'owner',
    ask: async (w) => ({ body: { to: await w.member() } }),
    foreign: async (bora) => ({ body: { to: await bora.member() } }),
    event: 'ownership.transferred',
  },
  'group.list': { yes: readers },
  'group.get': { yes: readers, ask: byId(group), foreign: byId(group) },
  'group.members': { yes: readers, ask: byId(group), foreign: byId(group) },
  'group.create': {
    yes: managers,
    ask: (w) => ({ body: { name: some(w) } }),
    event: 'group.created',
  },
  'group.rename': {
    yes: managers,
    ask: byId(group, (w) => ({ name: some(w) })),
    foreign: byId(group, (w) => ({ name: some(w) })),
    event: 'group.renamed',
  },
  'group.delete': { yes: managers, ask: byId(group), foreign: byId(group), event: 'group.deleted' },
  'group.add_members': {
    yes: managers,
    ask: async (w) => ({
      path: { id: await w.group() },
      body: { members: [{ type: 'user', id: await w.member() }] },
    }),
    foreign: async (w) => ({
      path: { id: await w.group() },
      body: { members: [{ type: 'user', id: await w.member() }] },
    }),
    event: 'group.members_added',
  },
  'group.remove_members': {
    yes: managers,
    ask: async (w) => {
      const id = await w.member();
      return { path: { id: await w.group(id) }, body: { members: [{ type: 'user', id }] } };
    },
    foreign: async (w) => {
      const id = await w.member();
      return { path: { id: await w.group(id) }, body: { members: [{ type: 'user', id }] } };
    },
    event: 'group.members_removed',
  },
  'permission.list': { yes: `${acme} ${crew} ${session}` },
  'role.list': { yes: readers },
  'role.get': {
    yes: readers,
    ask: async (w) => ({ path: { key: await w.role() } }),
    foreign: async (w) => ({ path: { key: await w.role() } }),
  },
  'role.create': {
    yes: managers,
    ask: (w) => ({ body: { key: some(w), name: 'Helper', permissions: ['member:read'] } }),
    event: 'role.created',
  },
  'role.update': {
    yes: managers,
    ask: async (w) => ({ path: { key: await w.role() }, body: { name: 'Other' } }),
    foreign: async (w) => ({ path: { key: await w.role() }, body: { name: 'Other' } }),
    event: 'role.updated',
  },
  'role.delete': {
    yes: managers,
    ask: async (w) => ({ path: { key: await w.role() } }),
    foreign: async (w) => ({ path: { key: await w.role() } }),
    event: 'role.deleted',
  },
  'grant.list': { yes: readers },
  'grant.get': { yes: readers, ask: byId(grant), foreign: byId(grant) },
  'grant.create': {
    yes: managers,
    ask: async (w) => ({
      body: { holder: { type: 'user', id: await w.member() }, role: 'viewer' },
    }),
    foreign: async (w) => ({
      body: { holder: { type: 'user', id: await w.member() }, role: 'viewer' },
    }),
    event: 'grant.created',
  },
  'grant.change_end': {
    yes: managers,
    ask: byId(grant, () => ({ expiresAt: soon() })),
    foreign: byId(grant, () => ({ expiresAt: soon() })),
    event: 'grant.end_changed',
  },
  'grant.revoke': { yes: managers, ask: byId(grant), foreign: byId(grant), event: 'grant.revoked' },
  'access.check': {
    yes: readers,
    ask: async (w) => ({
      body: {
        checks: [{ permission: 'audit:read' }, { permission: 'node:read', node: await w.node() }],
        actor: { type: 'user', id: await w.member() },
      },
    }),
    foreign: async (w) => ({
      body: {
        checks: [{ permission: 'audit:read', node: await w.node() }],
        actor: { type: 'user', id: await w.member() },
      },
    }),
  },
  'access.explain': {
    yes: readers,
    ask: async (w) => ({
      body: { permission: 'audit:read', actor: { type: 'user', id: await w.member() } },
    }),
    foreign: async (w) => ({
      body: {
        permission: 'audit:read',
        node: await w.node(),
        actor: { type: 'user', id: await w.member() },
      },
    }),
  },
  'access.permitted': {
    yes: readers,
    ask: async (w) => ({
      query: `?permission=audit:read&actorType=user&actorId=${await w.member()}`,
    }),
    foreign: async (w) => ({
      query: `?permission=audit:read&actorType=user&actorId=${await w.member()}&node=${await w.node()}`,
    }),
  },
  'access.matrix': { yes: readers },
  'node.list': { yes: readers },
  'node.get': { yes: readers, ask: byId(node), foreign: byId(node) },
  'node.create': {
    yes: managers,
    ask: (w) => ({ body: { kind: 'project', name: some(w) } }),
    foreign: async (w) => ({
      body: { parent: await w.workspace(), kind: 'project', name: some(w) },
    }),
    event: 'node.created',
  },
  'node.rename': {
    yes: managers,
    ask: byId(node, () => ({ name: 'Other' })),
    foreign: byId(node, () => ({ name: 'Other' })),
    event: 'node.renamed',
  },
  'node.move': {
    yes: managers,
    ask: async (w) => ({ path: { id: await w.node() }, body: { parent: await w.workspace() } }),
    foreign: byId(node, () => ({})),
    event: 'node.moved',
  },
  'node.delete': { yes: managers, ask: byId(node), foreign: byId(node), event: 'node.deleted' },

  // Policies.
  'policy.list': { yes: readers },
  'policy.get': { yes: readers, ask: () => ({ path: { kind: 'session' } }) },
  'policy.history': { yes: readers, ask: () => ({ path: { kind: 'session' } }) },
  'policy.preview': {
    yes: managers,
    ask: () => ({ path: { kind: 'session' }, body: { body: { idleMaxMinutes: 60 } } }),
  },
  'policy.set': {
    yes: managers,
    ask: async (w) => ({
      path: { kind: 'session' },
      body: { body: { idleMaxMinutes: 1_000 }, version: await w.policyVersion() },
    }),
    event: 'policy.set',
  },

  // Service accounts, keys, sessions, invitations, domains of mail.
  'service_account.list': { yes: `${readers} member viewer op-member op-viewer` },
  'service_account.get': {
    yes: `${readers} member viewer op-member op-viewer`,
    ask: byId(account),
    foreign: byId(account),
  },
  'service_account.create': {
    yes: managers,
    ask: (w) => ({ body: { name: some(w) } }),
    event: 'service_account.created',
  },
  'service_account.update': {
    yes: managers,
    ask: byId(account, () => ({ name: 'Other' })),
    foreign: byId(account, () => ({ name: 'Other' })),
    event: 'service_account.changed',
  },
  'service_account.delete': {
    yes: managers,
    ask: byId(account),
    foreign: byId(account),
    event: 'service_account.deleted',
  },
  'service_account.disable': {
    yes: managers,
    ask: byId(account),
    foreign: byId(account),
    event: 'service_account.disabled',
  },
  'service_account.enable': {
    yes: managers,
    ask: byId((w) => w.serviceAccount('disabled')),
    foreign: byId((w) => w.serviceAccount('disabled')),
    event: 'service_account.enabled',
  },
  'api_key.list': { yes: readers },
  'api_key.create': {
    yes: people,
    ask: async (w) => ({
      body: { name: 'Key', holder: { type: 'service_account', id: await w.serviceAccount() } },
    }),
    foreign: async (w) => ({
      body: { name: 'Key', holder: { type: 'service_account', id: await w.serviceAccount() } },
    }),
    foreignAnswers: 'identity.api_key_holder_invalid',
    event: 'api_key.created',
  },
  'api_key.rotate': {
    yes: people,
    ask: byId(key, () => ({})),
    foreign: byId(key, () => ({})),
    event: 'api_key.rotated',
  },
  'api_key.revoke': { yes: managers, ask: byId(key), foreign: byId(key), event: 'api_key.revoked' },
  'session.list': { yes: readers },
  'session.revoke': {
    yes: managers,
    ask: byId((w) => w.entry()),
    foreign: byId((w) => w.entry()),
    foreignAnswers: '{"ended":0}',
    event: 'session.shut_out',
  },
  'session.revoke_all': {
    yes: managers,
    ask: async (w) => ({ body: { userId: await w.enteredUser() } }),
    event: 'session.shut_out',
  },
  'invitation.list': { yes: managers },
  'invitation.export': { yes: managers },
  'invitation.create': {
    yes: managers,
    ask: (w) => ({ body: { email: `${some(w)}@test.example`, role: 'viewer' } }),
    event: 'invitation.created',
  },
  'invitation.import': {
    yes: managers,
    ask: (w) => ({ body: { csv: `email,role\n${some(w)}@test.example,viewer\n` } }),
    event: 'invitation.created',
  },
  'invitation.revoke': {
    yes: managers,
    ask: byId(invitation),
    foreign: byId(invitation),
    event: 'invitation.revoked',
  },
  'invitation.resend': {
    yes: managers,
    ask: byId((w) => w.invitation('long ago')),
    foreign: byId((w) => w.invitation('long ago')),
    event: 'invitation.resent',
  },
  'verified_domain.list': { yes: readers },
  'verified_domain.add': {
    yes: managers,
    ask: (w) => ({ body: { domain: `${some(w)}.dev` } }),
    event: 'domain.added',
  },
  'verified_domain.remove': {
    yes: managers,
    ask: async (w) => ({ path: { domain: await w.verifiedDomain() } }),
    foreign: async (w) => ({ path: { domain: await w.verifiedDomain() } }),
    event: 'domain.removed',
  },
  // Of one that is there, the name servers would be asked.
  'verified_domain.verify': {
    yes: managers,
    ask: (w) => ({ path: { domain: `${some(w)}.dev` } }),
    foreign: async (w) => ({ path: { domain: await w.verifiedDomain() } }),
    answers: 'identity.domain_unknown',
  },
};
