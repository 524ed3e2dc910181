/** Every operation, as everybody, in one's own tenant and with another's things. */
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { ACME, createAuditApp } from '#test/audit-app';
import { type Doors, runTable } from '#test/operation-table';
import { defineActions } from '../audit/index.ts';
import { identityOperations } from './operations.ts';
import { expected } from './testdata/operations.expected.ts';

interface Things {
  readonly account: string;
  readonly disabled: string;
  readonly node: string;
  readonly key: string;
  readonly session: string;
  readonly user: string;
  readonly invitation: string;
  readonly domain: string;
}

const name = () => `n${randomUUID().slice(0, 8)}`;
const mail = () => `${name()}@people.example`;

const unlessNobodyAnswers = (error: { code?: string }) => {
  if (error.code !== 'identity.dns_unavailable') throw error;
};

const calls: Readonly<Record<string, (b: Doors, t: Things) => Promise<unknown>>> = {
  'tenant.read': ({ identity }) => identity.tenant.read({}),
  'tenant.set_name': ({ identity }) => identity.tenant.setName({ name: name() }),
  'tenant.close': ({ identity }) => identity.tenant.close({ reason: 'over' }),
  'service_account.list': ({ identity }) => identity.serviceAccounts.list({}),
  'service_account.get': ({ identity }, { account }) =>
    identity.serviceAccounts.get({ id: account }),
  'service_account.create': ({ identity }) => identity.serviceAccounts.create({ name: name() }),
  'service_account.update': ({ identity }, { account }) =>
    identity.serviceAccounts.update({ id: account, name: name() }),
  'service_account.disable': ({ identity }, { account }) =>
    identity.serviceAccounts.disable({ id: account }),
  'service_account.enable': ({ identity }, { disabled }) =>
    identity.serviceAccounts.enable({ id: disabled }),
  'service_account.delete': ({ identity }, { account }) =>
    identity.serviceAccounts.delete({ id: account }),
  'api_key.list': ({ identity }) => identity.apiKeys.list({}),
  'api_key.create': ({ identity }, { account }) =>
    identity.apiKeys.create({ name: name(), holder: { type: 'service_account', id: account } }),
  'api_key.rotate': ({ identity }, { key }) => identity.apiKeys.rotate({ id: key }),
  'api_key.revoke': ({ identity }, { key }) => identity.apiKeys.revoke({ id: key }),
  'session.list': ({ identity }) => identity.sessions.ofTenant({}),
  'session.revoke': ({ identity }, { session }) => identity.sessions.shutOut({ id: session }),
  'session.revoke_all': ({ identity }, { user }) => identity.sessions.shutOutAll({ userId: user }),
  'invitation.list': ({ identity }) => identity.invitations.list({}),
  'invitation.export': ({ identity }) => identity.invitations.export({}),
  'invitation.create': ({ identity }, { node }) =>
    identity.invitations.create({ email: mail(), role: 'viewer', node }),
  'invitation.import': ({ identity }) =>
    identity.invitations.import({ csv: `email,role\n${mail()},viewer` }),
  'invitation.resend': ({ identity }, { invitation }) =>
    identity.invitations.resend({ id: invitation }),
  'invitation.revoke': ({ identity }, { invitation }) =>
    identity.invitations.revoke({ id: invitation }),
  'verified_domain.list': ({ identity }) => identity.domains.list({}),
  'verified_domain.add': ({ identity }) => identity.domains.add({ domain: `${name()}.com` }),
  'verified_domain.verify': ({ identity }, { domain }) =>
    identity.domains.verify({ domain }).catch(unlessNobodyAnswers),
  'verified_domain.remove': ({ identity }, { domain }) => identity.domains.remove({ domain }),
};

const nothing: Things = {
  account: randomUUID(),
  disabled: randomUUID(),
  node: randomUUID(),
  key: randomUUID(),
  session: randomUUID(),
  user: randomUUID(),
  invitation: randomUUID(),
  domain: 'never-there.com',
};

it('everybody may do what the table says, and nothing elsewhere; each change and each denial is on record', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'bulkhead-mail-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const app = await createAuditApp(defineActions({}), ({ database }) => ({
    database: { appRole: 'test_app', operatorRole: 'test_operator', identityRole: 'test_identity' },
    identity: {
      tenantFrom: [{ from: 'header', name: 'x-tenant' }],
      accountsUrl: database.identityUrl,
      publicUrl: 'https://app.example',
      mail: { folder, from: 'Acme <no-reply@app.example>' },
      sessions: {},
      apiKeys: {},
      // Nobody answers there.
      nameServers: ['127.0.0.1:1'],
    },
    access: {},
  }));
  const { bulkhead, admin } = app;
  const wrong = await runTable<Things>({
    app,
    operations: identityOperations,
    expected,
    calls,
    // Without name servers nothing comes of it; what does is tested beside it.
    unheard: ['verified_domain.verify'],
    nothing,
    async makeThings(tenant) {
      const { id: user } = await bulkhead.identity.users.create({ email: mail(), name: 'Ada' });
      const session = await bulkhead.identity.sessions.start(user, { methods: ['password'] });
      await admin.query(
        `insert into bulkhead.session_entry (tenant_id, session_id, user_id) values ($1, $2, $3)`,
        [tenant, session.id, user],
      );
      return bulkhead.asTenant(tenant, async () => {
        const { identity, access } = bulkhead;
        const account = await identity.serviceAccounts.create({ name: name() });
        const disabled = await identity.serviceAccounts.create({ name: name() });
        await identity.serviceAccounts.disable({ id: disabled.id });
        const node = await access.nodes.create({ kind: 'workspace', name: name() });
        const key = await identity.apiKeys.create({
          name: name(),
          holder: { type: 'service_account', id: account.id },
        });
        const invitation = await identity.invitations.create({ email: mail(), role: 'viewer' });
        const { domain } = await identity.domains.add({ domain: `${name()}.com` });
        // A link is not mailed again at once.
        await admin.query(
          `update bulkhead.invitation set sent_at = sent_at - interval '1 day', created_at = created_at - interval '1 day' where id = $1`,
          [invitation.id],
        );
        return {
          account: account.id,
          disabled: disabled.id,
          node: node.id,
          key: key.id,
          session: session.id,
          user,
          invitation: invitation.id,
          domain,
        };
      });
    },
    async afterwards(operation) {
      // What is closed stays closed; the table goes on.
      if (operation !== 'tenant.close') return;
      await admin.query('begin; set local session_replication_role = replica');
      await admin.query(`update bulkhead.tenant set status = 'active' where id = $1`, [ACME]);
      await admin.query('select bulkhead.access_tenant_enabled($1, true)', [ACME]);
      await admin.query('commit');
    },
  });
  expect(wrong).toEqual([]);
}, 120_000);
