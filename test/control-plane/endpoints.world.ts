/** One tenant's things, made over the API as its owner would, for the tables of endpoints. */
import { randomUUID } from 'node:crypto';
import { type ControlGround, OPERATORS, PUBLIC_URL } from '#test/control-plane';

const ORIGIN = new URL(PUBLIC_URL).origin;
const PASSWORD = 'correct horse battery staple';

export interface EndpointWorld {
  /** An id of nothing. */
  readonly absent: string;
  /** A name that nothing has yet, with the tenant's own in it. */
  fresh(): string;
  member(status?: 'suspended'): Promise<string>;
  group(member?: string): Promise<string>;
  node(): Promise<string>;
  workspace(): Promise<string>;
  role(): Promise<string>;
  grant(): Promise<string>;
  serviceAccount(status?: 'disabled'): Promise<string>;
  apiKey(): Promise<string>;
  invitation(sent?: 'long ago'): Promise<string>;
  verifiedDomain(): Promise<string>;
  domain(): Promise<string>;
  policyVersion(): Promise<number>;
  event(): Promise<string>;
  /** A session that came into the tenant. */
  entry(): Promise<string>;
  /** Whose session came into the tenant. */
  enteredUser(): Promise<string>;
  // What belongs to no tenant:
  tenant(status?: 'suspended'): Promise<string>;
  user(status?: 'disabled'): Promise<string>;
  userWithSession(): Promise<string>;
  job(): Promise<string>;
  /** Another session of the column `session`. */
  ownSession(): Promise<string>;
}

/** Somebody with an account, signed in by a session: the headers that their browser sends. */
export interface Person {
  readonly userId: string;
  readonly sessionId: string;
  readonly headers: Readonly<Record<string, string>>;
}

export async function signedIn(
  ground: ControlGround,
  tenant?: { readonly id: string; readonly role?: string },
): Promise<Person> {
  const { bulkhead, admin } = ground;
  const { users, sessions, passwords } = bulkhead.identity;
  const name = `p${randomUUID().slice(0, 8)}`;
  const { id: userId } = await users.create({ email: `${name}@test.example`, name });
  if (tenant !== undefined) {
    await passwords.establish({ userId, password: PASSWORD });
    await admin.query('set role bulkhead');
    const { id, role } = tenant;
    await admin.query(
      `select bulkhead.access_member_join($1, 'system:test', 'user', $2, $3, null)`,
      [id, userId, name],
    );
    if (role !== undefined) {
      await admin.query(
        `select bulkhead.access_give($1, 'system:test', 'user', $2, $3, null, 'direct', null)`,
        [id, userId, role],
      );
    }
    await admin.query('reset role');
  }
  const { id: sessionId, token } = await sessions.start(userId, { methods: ['password'] });
  return {
    userId,
    sessionId,
    headers: {
      cookie: sessions.cookie.set(token, new URL(PUBLIC_URL).host).split(';', 1)[0] ?? '',
      origin: ORIGIN,
      'sec-fetch-site': 'same-origin',
      'x-csrf-token': sessions.csrf.tokenFor(`session ${sessionId}`),
    },
  };
}

/** @param owner who makes what is the tenant's */
export function createWorld(
  ground: ControlGround,
  tenant: { readonly id: string; readonly slug: string; readonly owner: string },
  own: () => Person,
): EndpointWorld {
  const { bulkhead, admin } = ground;
  const at = `/tenants/${tenant.slug}`;
  async function post(path: string, body: unknown, as = tenant.owner) {
    const answer = await ground.ask(path, { as, method: 'POST', body });
    const made = await answer.json();
    if (answer.status >= 300) throw new Error(`${path}: ${JSON.stringify(made)}`);
    return made;
  }
  const fresh = () => `${tenant.slug}x${randomUUID().slice(0, 12).replaceAll('-', 'x')}`;
  const idOf = async (made: Promise<Record<string, unknown>>) => String((await made).id);
  const entered = async (): Promise<Person> => {
    const person = await signedIn(ground, { id: tenant.id });
    await ground.ask(`/me?tenant=${tenant.slug}`, { headers: person.headers });
    return person;
  };
  const world: EndpointWorld = {
    absent: randomUUID(),
    fresh,
    async member(status) {
      const id = fresh();
      await post(`${at}/members`, { type: 'user', id, name: id });
      if (status === 'suspended') await post(`${at}/members/user/${id}/suspend`, {});
      return id;
    },
    async group(member) {
      const id = await idOf(post(`${at}/groups`, { name: fresh() }));
      if (member !== undefined) {
        await post(`${at}/groups/${id}/members`, { members: [{ type: 'user', id: member }] });
      }
      return id;
    },
    node: () => idOf(post(`${at}/nodes`, { kind: 'project', name: fresh() })),
    workspace: () => idOf(post(`${at}/nodes`, { kind: 'workspace', name: fresh() })),
    async role() {
      const key = fresh();
      await post(`${at}/roles`, { key, name: key, permissions: ['member:read'] });
      return key;
    },
    async grant() {
      const holder = { type: 'user', id: await world.member() };
      return idOf(post(`${at}/grants`, { holder, role: 'viewer' }));
    },
    async serviceAccount(status) {
      const id = await idOf(post(`${at}/service-accounts`, { name: fresh() }));
      if (status === 'disabled') await post(`${at}/service-accounts/${id}/disable`, {});
      return id;
    },
    async apiKey() {
      const holder = { type: 'service_account', id: await world.serviceAccount() };
      return idOf(post(`${at}/api-keys`, { name: fresh(), holder }));
    },
    async invitation(sent) {
      const body = { email: `${fresh()}@test.example`, role: 'viewer' };
      const id = await idOf(post(`${at}/invitations`, body));
      if (sent === 'long ago') {
        await admin.query(
          `update bulkhead.invitation set sent_at = clock_timestamp() - interval '1 hour' where id = $1`,
          [id],
        );
      }
      return id;
    },
    async verifiedDomain() {
      const domain = `${fresh()}.dev`;
      await post(`${at}/verified-domains`, { domain });
      return domain;
    },
    async domain() {
      const domain = `${fresh()}.example`;
      await post(`${at}/domains`, { domain }, 'operators-owner');
      return domain;
    },
    async policyVersion() {
      const answer = await ground.ask(`${at}/policies/session`, { as: tenant.owner });
      return Number((await answer.json()).version);
    },
    async event() {
      await ground.settle();
      const answer = await ground.ask(`${at}/events?limit=1`, { as: tenant.owner });
      const [event] = (await answer.json()).items as { id: string }[];
      return event?.id ?? 'none';
    },
    entry: async () => (await entered()).sessionId,
    enteredUser: async () => (await entered()).userId,
    async tenant(status) {
      const slug = fresh();
      await post('/tenants', { slug }, 'operators-owner');
      if (status === 'suspended') {
        await post(`/tenants/${slug}/disable`, { reason: 'a test' }, 'operators-owner');
      }
      return slug;
    },
    async user(status) {
      const { id } = await bulkhead.identity.users.create({ email: `${fresh()}@test.example` });
      if (status === 'disabled') await bulkhead.identity.users.disable(id);
      return id;
    },
    userWithSession: async () => (await signedIn(ground)).userId,
    async job() {
      const { rows } = await admin.query(
        `insert into bulkhead.control_job (tenant_id, kind, title, created_by, status, seen_at)
         values ($1, 'export', 'A file', 'user:test', 'running', clock_timestamp()) returning id`,
        [OPERATORS],
      );
      return String(rows[0]?.id);
    },
    async ownSession() {
      const { id } = await bulkhead.identity.sessions.start(own().userId, {
        methods: ['password'],
      });
      return id;
    },
  };
  return world;
}
