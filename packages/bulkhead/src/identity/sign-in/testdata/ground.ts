/** A database with a tenant, people in it, and signing in as it is put together; for the tests of this folder. */
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import pg from 'pg';
import { z } from 'zod';
import { createTestDatabase, type TestDatabase } from '#test/database';
import { type SignInConfig, signInFields } from '../config.ts';
import {
  createSignInRoom,
  type FinishedStep,
  generateCredentialKey,
  type Mail,
  type Sender,
  type SignInRoom,
  type SignInRoomPorts,
  type SignInStep,
} from '../index.ts';
import { totpCode } from '../totp/totp-code.ts';

export const PASSWORD = 'correct horse battery';
export const HERE: Sender = { ip: '192.0.2.10', userAgent: 'a browser' };

export interface Ground {
  readonly database: TestDatabase;
  /** The superuser's: arranges and looks. */
  readonly admin: pg.Pool;
  /** As the role that keeps accounts. */
  readonly accounts: pg.Pool;
  readonly tenant: string;
  readonly room: SignInRoom;
  readonly mails: Mail[];
  readonly config: SignInConfig;
  /** The clock that codes are compared with; it stands still. */
  readonly clock: { nowMs: number };
  /** Another process, as it were: nothing shared but the database. */
  another(change?: Partial<SignInConfig>, ports?: Partial<SignInRoomPorts>): SignInRoom;
  /** A member of the tenant with a password. */
  person(name?: string): Promise<Person>;
  /** Password and, where asked, the code given. */
  signIn(person: Person, more?: { sender?: Sender; code?: string }): Promise<SignInStep>;
  /** Signs in with the password alone and sets up an authenticator app. */
  withTotp(name?: string): Promise<PersonWithTotp>;
  policy(kind: string, body: unknown): Promise<void>;
  /** What the tenant's log was told, oldest first. */
  events(tenant?: string): Promise<Recorded[]>;
  close(): Promise<void>;
}

export interface Recorded {
  readonly actor: string;
  readonly action: string;
  readonly outcome: string;
  readonly [field: string]: unknown;
}

export interface Person {
  readonly id: string;
  readonly email: string;
}

export interface PersonWithTotp extends Person {
  readonly secret: Buffer;
  readonly recoveryCodes: readonly string[];
  readonly session: FinishedStep;
  /** The code of the step `ahead` of the one that set it up. */
  code(ahead?: number): string;
}

export async function openGround(ports: Partial<SignInRoomPorts> = {}): Promise<Ground> {
  const database = await createTestDatabase();
  const admin = new pg.Pool({ connectionString: database.superuserUrl, max: 4 });
  // An idle connection of it may still be closing when the database is dropped.
  admin.on('error', () => undefined);
  const accounts = new pg.Pool({ connectionString: database.identityUrl, max: 12 });
  const mails: Mail[] = [];
  const tenant = randomUUID();
  await admin.query("insert into bulkhead.tenant (id, slug, name) values ($1, 'acme', 'Acme')", [
    tenant,
  ]);
  const config = z.object(signInFields).parse({
    publicUrl: 'http://localhost:3000',
    productName: 'Notes',
    credentialKeys: [generateCredentialKey()],
  });
  const clock = { nowMs: Date.now() };
  const another: Ground['another'] = (change = {}, morePorts = {}) =>
    createSignInRoom(
      { ...config, ...change },
      {
        accounts,
        mintSession: () => {
          const token = randomBytes(32).toString('base64url');
          return { token, hash: createHash('sha256').update(token).digest() };
        },
        lifetimes: { idleSeconds: 3600, absoluteSeconds: 86_400 },
        resetUrl: 'http://localhost:3000/reset-password',
        sendMail: async (mail) => void mails.push(mail),
        now: () => clock.nowMs,
        ...ports,
        ...morePorts,
      },
    );
  const room = another();

  const person: Ground['person'] = async (name = 'ada') => {
    const email = `${name}.${randomBytes(3).toString('hex')}@acme.example`;
    const { rows } = await admin.query<{ id: string }>(
      "select bulkhead.user_open($1, $2, true, 'system:test') as id",
      [email, name],
    );
    const id = rows[0]?.id ?? '';
    await admin.query(
      "insert into bulkhead.membership (tenant_id, type, id, name, email) values ($1, 'user', $2, $3, $4)",
      [tenant, id, name, email],
    );
    await room.passwords.establish({ userId: id, password: PASSWORD });
    return { id, email };
  };

  const signIn: Ground['signIn'] = async ({ email }, { sender = HERE, code } = {}) => {
    const { flow } = await room.signIn.start({ email }, sender);
    const step = await room.signIn.password({ flow, password: PASSWORD }, sender);
    return code === undefined ? step : room.signIn.totp({ flow, code }, sender);
  };

  return {
    database,
    admin,
    accounts,
    tenant,
    room,
    mails,
    config,
    clock,
    another,
    person,
    signIn,
    async withTotp(name) {
      const one = await person(name);
      const session = finished(await signIn(one));
      const { sessionId } = session;
      const invitation = await room.totp.enrol({ sessionId });
      const secret = fromBase32(invitation.secret);
      const stepNow = Math.floor(clock.nowMs / 30_000);
      const code = (ahead = 0) => totpCode(secret, stepNow + ahead);
      // The step before, so that the present one is still to be used.
      const { recoveryCodes } = await room.totp.confirm({ sessionId, code: code(-1) }, HERE);
      return { ...one, secret, recoveryCodes: recoveryCodes ?? [], session, code };
    },
    async policy(kind, body) {
      await admin.query(
        `insert into bulkhead.tenant_policy (tenant_id, kind, version, body, set_by)
         select $1, $2, coalesce(max(version), 0) + 1, $3, 'system:test' from bulkhead.tenant_policy
          where tenant_id = $1 and kind = $2`,
        [tenant, kind, body],
      );
    },
    async events(of = tenant) {
      const { rows } = await admin.query<{ actor: string; event: string }>(
        'select actor, event from bulkhead.audit_pending where tenant_id = $1 order by xid, ctid',
        [of],
      );
      return rows.map(({ actor, event }) => ({ actor, ...JSON.parse(event) }));
    },
    async close() {
      await room.passwords.settled();
      await accounts.end();
      await admin.end();
      await database.drop();
    },
  };
}

export function finished(step: SignInStep): FinishedStep {
  if (step.done) return step;
  throw new Error(`the sign-in still wants ${step.next.join(', ')}`);
}

const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

export function fromBase32(text: string): Buffer {
  const bits = [...text].map((one) => BASE32.indexOf(one).toString(2).padStart(5, '0')).join('');
  return Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
}

/** The code of the error that a promise is refused with, or what it gave instead. */
export async function refusal(work: Promise<unknown>): Promise<string> {
  try {
    return `no refusal: ${JSON.stringify(await work)}`;
  } catch (error) {
    return (error as { code?: string }).code ?? String(error);
  }
}
