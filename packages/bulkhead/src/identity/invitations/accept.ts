/**
 * Coming in by the link of an invitation.
 *
 * Promises: a link works once, for the invited address alone, while whoever invited still may; of two that try
 * at once one comes in. Unknown, used, expired, withdrawn and meant for somebody else are told alike. Looking
 * changes nothing, so a mail scanner that follows the link uses nothing up. Nobody takes over an account that
 * is there already.
 */
import { z } from 'zod';
import { kernelError } from '../../kernel/error-codes.ts';
import { type PolicySet, policySchemas, policySet } from '../../policies/index.ts';
import type { AccountsQuery } from '../accounts/accounts-query.ts';
import { identityError } from '../errors.ts';
import { nameField } from '../operations/fields.ts';
import { hashInvitationToken, type InvitationTokens } from './invitation-token.ts';

export interface InvitationLook {
  /** The tenant's name. */
  readonly tenant: string;
  readonly slug: string;
  /** The address that was invited: no other may accept. */
  readonly email: string;
  readonly name: string | null;
  readonly expiresAt: string;
  /** The fewest characters of a password for a new account. */
  readonly passwordLengthMin: number;
}

export interface Accepted {
  readonly userId: string;
  readonly tenantId: string;
  readonly slug: string;
  readonly tenant: string;
  readonly role: string;
  readonly node: string;
}

export interface Registered extends Accepted {
  readonly sessionId: string;
  /** For the session's cookie. */
  readonly sessionToken: string;
}

/** Who sends the request, as far as the server has seen it. */
export interface InvitationSender {
  readonly ip?: string | undefined;
  readonly userAgent?: string | undefined;
}

export interface InvitationDoor {
  /** What the page of the link shows. @throws `identity.invitation_refused` */
  look(input: { readonly token: string }): Promise<InvitationLook>;
  /** A signed-in user accepts. @throws `identity.invitation_refused` */
  accept(input: { readonly token: string; readonly userId: string }): Promise<Accepted>;
  /**
   * Somebody without an account accepts: account, password, membership and session at once.
   *
   * @throws `identity.invitation_refused`, `identity.password_refused`, `identity.password_unreadable`
   */
  register(
    input: { readonly token: string; readonly name: string; readonly password: string },
    sender: InvitationSender,
  ): Promise<Registered>;
}

export interface InvitationDoorPorts {
  readonly accounts: AccountsQuery;
  readonly tokens: InvitationTokens;
  readonly mintSession: () => { readonly token: string; readonly hash: Buffer };
  readonly lifetimes: { readonly idleSeconds: number; readonly absoluteSeconds: number };
  /** Checks a first password against the policies and hashes it. */
  hashPassword(
    password: string,
    owner: { readonly email: string; readonly name: string },
    policies: PolicySet,
  ): Promise<string>;
  /** Told of the tenant that has a new member. */
  joined(tenantId: string): void;
}

const lookRow = z.object({
  tenant: z.string(),
  slug: z.string(),
  email: z.string(),
  name: z.string().nullable(),
  expires_at: z.date(),
  password_policy: policySchemas.password.nullable(),
});
const accepted = z.object({
  userId: z.string(),
  tenantId: z.string(),
  slug: z.string(),
  tenant: z.string(),
  role: z.string(),
  node: z.string(),
});

export function createInvitationDoor(ports: InvitationDoorPorts): InvitationDoor {
  const { accounts } = ports;

  async function find(token: string) {
    const { rows } = await accounts.query('select * from bulkhead.invitation_look($1)', [
      hashInvitationToken(token),
    ]);
    const row = lookRow.parse(rows[0]);
    // Of which the database knows the hash, and we did not make it: SQL put it there, and nobody read a mail.
    if (!ports.tokens.isFor(row.email, token)) throw identityError('identity.invitation_refused');
    return {
      ...row,
      policies: policySet(row.password_policy === null ? {} : { password: row.password_policy }),
    };
  }

  return {
    async look({ token }) {
      const { tenant, slug, email, name, expires_at, policies } = await find(token);
      return {
        tenant,
        slug,
        email,
        name,
        expiresAt: expires_at.toISOString(),
        passwordLengthMin: policies.password.lengthMin,
      };
    },

    async accept({ token, userId }) {
      await find(token);
      const { rows } = await accounts.query('select bulkhead.invitation_accept($1, $2) as json', [
        hashInvitationToken(token),
        userId,
      ]);
      const joined = accepted.parse(rows[0]?.json);
      ports.joined(joined.tenantId);
      return joined;
    },

    async register({ token, name: given, password }, sender) {
      const name = nameField.safeParse(given);
      if (!name.success) {
        throw kernelError('kernel.input_invalid', { message: z.prettifyError(name.error) });
      }
      const { email, policies } = await find(token);
      const hash = await ports.hashPassword(password, { email, name: name.data }, policies);
      const session = ports.mintSession();
      const { rows } = await accounts.query(
        'select bulkhead.invitation_register($1, $2, $3, $4, $5, $6, $7, $8, $9) as json',
        [
          hashInvitationToken(token),
          name.data,
          hash,
          session.hash,
          ['password'],
          sender.ip ?? null,
          sender.userAgent ?? null,
          ports.lifetimes.idleSeconds,
          ports.lifetimes.absoluteSeconds,
        ],
      );
      const registered = accepted.extend({ sessionId: z.string() }).parse(rows[0]?.json);
      ports.joined(registered.tenantId);
      return { ...registered, sessionToken: session.token };
    },
  };
}
