/**
 * Users: people, one account each whatever number of tenants they belong to.
 *
 * Promises: a user is found by an address in its one spelling; an address is changed only by whoever reads the
 * mail sent to it; disabling ends every session in the same transaction. Each change is an event in the log of
 * every tenant where the user is a member. For the parts of an app that have asked who is there: these are not
 * limited to a tenant.
 */
import { z } from 'zod';
import { shownName } from '../../kernel/shown-name.ts';
import { type EmailAddress, parseEmailAddress } from '../email-address.ts';
import { identityError } from '../errors.ts';
import { EMAIL_CHANGE_SECONDS, hashSecret, newSecret } from '../sign-in/index.ts';
import type { AccountsQuery } from './accounts-query.ts';

export interface User {
  readonly id: string;
  readonly email: EmailAddress;
  readonly name: string;
  readonly status: 'active' | 'disabled';
  /** When they last showed that the mailbox is theirs. */
  readonly emailVerifiedAt: Date | null;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  /** Names this state of the account, and no other state of any. */
  readonly version: string;
}

export interface NewUser {
  readonly email: string;
  /** What people are shown; the part before the @ unless given. */
  readonly name?: string;
  /** True only where something else has shown that the mailbox is theirs. */
  readonly emailVerified?: boolean;
}

/** Who makes a change, for the record: `user:<id>`, `operator:…`; the app itself unless given. */
export interface By {
  readonly by?: string;
}

export interface FromVersions {
  /** Those that the change may be based on: it is refused where the account is at none of them by now. */
  readonly versions?: readonly string[] | undefined;
}

export interface ForOperator {
  /**
   * Who of the operators asks for it, as type:id. To them an owner is out of reach, unless they are an owner of the
   * operators or of every tenant that the person owns. Left out, the app itself asks, which may all.
   */
  readonly operator?: string | undefined;
}

/** What a user had before. */
export interface ResetFactors {
  readonly totp: boolean;
  readonly passkeys: number;
  readonly recoveryCodes: number;
}

export interface Users {
  /** @throws `identity.email_invalid`, `identity.email_taken`, `identity.user_fields_invalid` */
  create(user: NewUser, by?: By): Promise<User>;
  /** By id or by address; null where there is none. */
  find(by: { readonly id: string } | { readonly email: string }): Promise<User | null>;
  /** In order of addresses. */
  list(options?: {
    readonly after?: string;
    readonly limit?: number;
  }): Promise<{ readonly users: readonly User[]; readonly next: string | null }>;
  /**
   * Also in every membership.
   *
   * @throws `identity.user_absent`, `identity.user_fields_invalid`, `identity.version_conflict`
   */
  rename(id: string, name: string, by?: By & FromVersions): Promise<User>;
  /**
   * Begins a change of address: mail the token to the new one. Says the same whether or not it is taken. Where
   * `identity.mail` sends, `emailChange.request` does it all for whoever is signed in.
   *
   * @throws `identity.user_absent`, `identity.email_invalid`
   */
  startEmailChange(
    id: string,
    email: string,
    by?: By,
  ): Promise<{ readonly token: string; readonly email: EmailAddress; readonly expiresAt: Date }>;
  /**
   * For whoever followed the link. It looks at no session: call it only in one of the user who asked, or a stranger
   * who presses the link proves their address for somebody else. `emailChange.finish` looks.
   *
   * @throws `identity.link_invalid`, `identity.email_taken`
   */
  finishEmailChange(token: string): Promise<User>;
  /**
   * Ends all sessions; keys stop with them. Also whoever owns a tenant alone can be disabled, as a stolen account
   * must be; as long as they are, they are no owner that the tenant could be left to.
   *
   * @throws `identity.user_absent`, `access.owner_protected`
   */
  disable(id: string, by?: By & ForOperator & { readonly reason?: string }): Promise<User>;
  /** @throws `identity.user_absent` */
  enable(id: string, by?: By): Promise<User>;
  /**
   * For who lost their second factors, once you know by other means who asks: takes all of them away, with
   * recovery codes and passkeys, and ends every session. Says what there was.
   *
   * @throws `identity.user_absent`, `access.owner_protected`
   */
  resetFactors(
    id: string,
    by?: By & ForOperator & { readonly reason?: string },
  ): Promise<ResetFactors>;
}

const THE_APP = 'system:app';
const PAGE_MAX = 200;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

const userRow = z.object({
  id: z.string(),
  email: z.string(),
  name: z.string(),
  status: z.enum(['active', 'disabled']),
  email_verified_at: z.coerce.date().nullable(),
  created_at: z.coerce.date(),
  updated_at: z.coerce.date(),
  version: z.string(),
});

const resetRow = z.object({ totp: z.boolean(), passkeys: z.int(), recoveryCodes: z.int() });

export function createUsers(accounts: AccountsQuery): Users {
  async function rows(text: string, values: unknown[]): Promise<User[]> {
    const result = await accounts.query(text, values);
    return result.rows.map(readUser);
  }
  async function one(text: string, values: unknown[]): Promise<User> {
    const [user] = await rows(text, values);
    if (user === undefined) throw identityError('identity.user_absent');
    return user;
  }
  const setStatus = (
    id: string,
    status: string,
    by: (By & ForOperator & { readonly reason?: string }) | undefined,
  ) =>
    one('select * from bulkhead.user_set_status($1, $2, $3, $4, $5)', [
      readId(id),
      status,
      by?.reason ?? null,
      by?.by ?? THE_APP,
      by?.operator ?? null,
    ]);

  return {
    async create({ email, name, emailVerified = false }, by) {
      const address = parseEmailAddress(email);
      const shown = readName(name ?? address.slice(0, address.indexOf('@')));
      return one('select * from bulkhead.user_create($1, $2, $3, $4)', [
        address,
        shown,
        emailVerified,
        by?.by ?? THE_APP,
      ]);
    },
    async find(by) {
      const values =
        'id' in by ? [UUID.test(by.id) ? by.id : null, null] : [null, parseEmailAddress(by.email)];
      const [user] = await rows('select * from bulkhead.user_find($1, $2)', values);
      return user ?? null;
    },
    async list({ after = '', limit = 50 } = {}) {
      const size = Math.max(1, Math.min(PAGE_MAX, Math.trunc(limit)));
      const found = await rows('select * from bulkhead.user_list($1, $2)', [after, size + 1]);
      const users = found.slice(0, size);
      return { users, next: found.length > size ? (users.at(-1)?.email ?? null) : null };
    },
    rename: async (id, name, by) =>
      one('select * from bulkhead.user_rename($1, $2, $3, $4)', [
        readId(id),
        readName(name),
        by?.by ?? THE_APP,
        by?.versions ?? null,
      ]),
    async startEmailChange(id, email, by) {
      const address = parseEmailAddress(email);
      const { token, hash } = newSecret('email');
      await accounts.query('select bulkhead.email_change_start($1, $2, $3, $4, $5)', [
        readId(id),
        address,
        hash,
        EMAIL_CHANGE_SECONDS,
        by?.by ?? `user:${readId(id)}`,
      ]);
      return {
        token,
        email: address,
        expiresAt: new Date(Date.now() + EMAIL_CHANGE_SECONDS * 1_000),
      };
    },
    async finishEmailChange(token) {
      const hash = hashSecret('email', token);
      if (hash === undefined) throw identityError('identity.link_invalid');
      return one('select * from bulkhead.email_change_finish($1)', [hash]);
    },
    disable: (id, by) => setStatus(id, 'disabled', by),
    enable: (id, by) => setStatus(id, 'active', by),
    async resetFactors(id, by) {
      const { rows: found } = await accounts.query(
        'select bulkhead.factors_reset($1, $2, $3, $4) as before',
        [readId(id), by?.reason ?? null, by?.by ?? THE_APP, by?.operator ?? null],
      );
      return resetRow.parse(found[0]?.before);
    },
  };
}

/** @throws `identity.user_absent`: what is no id is nobody's. */
function readId(id: string): string {
  if (!UUID.test(id)) throw identityError('identity.user_absent');
  return id.toLowerCase();
}

/** @throws `identity.user_fields_invalid` */
function readName(name: string): string {
  const read = shownName.safeParse(name);
  if (!read.success) throw identityError('identity.user_fields_invalid');
  return read.data;
}

function readUser(row: Record<string, unknown>): User {
  const { email, email_verified_at, created_at, updated_at, ...rest } = userRow.parse(row);
  return {
    ...rest,
    // The table's check holds the same form.
    email: email as EmailAddress,
    emailVerifiedAt: email_verified_at,
    createdAt: created_at,
    updatedAt: updated_at,
  };
}
