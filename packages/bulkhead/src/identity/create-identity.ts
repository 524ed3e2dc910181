/**
 * The identity room at work: what `bulkhead.identity` is, and what the gate asks of it.
 *
 * Promises: without `identity.accountsUrl` every use of accounts says so, and nothing is opened; without
 * `sessions` and `apiKeys` no request pays for either.
 */
import type { z } from 'zod';
import { currentTenant } from '../isolation/index.ts';
import type { Operation, OperationDefinition } from '../kernel/operation.ts';
import { type OperationDenial, runTellingDenial } from '../kernel/operation-denial.ts';
import { type AccountsQuery, createAccountsConnection } from './accounts/accounts-query.ts';
import { createUsers, type Users } from './accounts/users.ts';
import type { GatePorts } from './admit.ts';
import { apiKeysSchema, type IdentityConfig, sessionsSchema } from './config.ts';
import { createTxtLookup } from './domains/dns-proof.ts';
import { createDomainDoor, type DomainDoor } from './domains/domain-door.ts';
import {
  verifiedDomainAdd,
  verifiedDomainList,
  verifiedDomainRemove,
  verifiedDomainVerify,
} from './domains/operations.ts';
import { identityError } from './errors.ts';
import { createHousekeeping, type HousekeepingTask } from './housekeeping.ts';
import { createApiKeyFinder } from './identify/api-key-finder.ts';
import { createMemberCheck } from './identify/member-check.ts';
import { createSessionFinder } from './identify/session-finder.ts';
import { createInvitationDoor, type InvitationDoor } from './invitations/accept.ts';
import { createInvitationTokens } from './invitations/invitation-token.ts';
import {
  invitationCreate,
  invitationExport,
  invitationImport,
  invitationList,
  invitationResend,
  invitationRevoke,
} from './invitations/operations.ts';
import { createKeyUses } from './keys/key-uses.ts';
import { mailLinks } from './mail/links.ts';
import { createMail, type Mail } from './mail/mail.ts';
import { apiKeyCreate, apiKeyList, apiKeyRevoke, apiKeyRotate } from './operations/api-keys.ts';
import { tenantClose, tenantRead, tenantSetName } from './operations/own-tenant.ts';
import {
  serviceAccountCreate,
  serviceAccountDelete,
  serviceAccountDisable,
  serviceAccountEnable,
  serviceAccountGet,
  serviceAccountList,
  serviceAccountUpdate,
} from './operations/service-accounts.ts';
import { sessionList, sessionRevoke, sessionRevokeAll } from './operations/tenant-sessions.ts';
import type { RoomPorts } from './operations.ts';
import type { RequestLike } from './request.ts';
import { type CsrfTokens, createCsrfTokens } from './sessions/csrf.ts';
import { createSessionCookie, type SessionCookie } from './sessions/session-cookie.ts';
import { mintSessionToken } from './sessions/session-token.ts';
import { createSessions, type Sessions } from './sessions/sessions.ts';
import { createSignInRoom, type SendMail, type SignInRoom } from './sign-in/index.ts';
import type { QueryPort } from './tenant-lookup.ts';

/** What the room is given of lower ones. */
export interface IdentityRoomPorts {
  /** Where the control plane is reached, with the console below: links in mails lead there unless the app says. */
  readonly controlPlaneUrl?: string | undefined;
  /** Runs one statement as the app's role, in no context. */
  readonly systemQuery: QueryPort['query'];
  /** Runs one statement in the caller's context. */
  contextQuery(
    text: string,
    values: unknown[],
  ): Promise<{ rows: readonly Record<string, unknown>[] }>;
  /** Told after a change of who may do what in a tenant. */
  changed(tenantId: string): void;
  /** Puts on record that the actor in context was refused. */
  denied(denial: OperationDenial): void;
  /** Where a request comes from. */
  addressOf(request: RequestLike): string | undefined;
  readonly contextKeys: readonly [string, ...string[]];
  /** How a reset link leaves; by `identity.mail` unless given. */
  readonly sendMail?: SendMail | undefined;
  /** Told of what failed behind an answer. */
  readonly onFailure?: ((error: unknown) => void) | undefined;
}

type Door<O extends { run(ports: RoomPorts, input: never): unknown }> = O extends {
  input: infer I extends z.ZodType;
  output: infer R extends z.ZodType;
}
  ? (input: z.input<I>) => Promise<z.output<R>>
  : never;

/** What `bulkhead.identity` offers. What a tenant's people may do is done in the context of one of them. */
export interface IdentityDoor extends SignInRoom {
  readonly users: Users;
  readonly sessions: Sessions & {
    readonly cookie: SessionCookie;
    readonly csrf: CsrfTokens;
    /** Those that came into the tenant in context. @throws `access.denied` */
    readonly ofTenant: Door<typeof sessionList>;
    /** Ends one for the tenant in context. @throws `access.denied` */
    readonly shutOut: Door<typeof sessionRevoke>;
    /** Ends all of a user's for the tenant in context. @throws `access.denied` */
    readonly shutOutAll: Door<typeof sessionRevokeAll>;
  };
  readonly serviceAccounts: {
    readonly create: Door<typeof serviceAccountCreate>;
    readonly update: Door<typeof serviceAccountUpdate>;
    readonly disable: Door<typeof serviceAccountDisable>;
    readonly enable: Door<typeof serviceAccountEnable>;
    readonly delete: Door<typeof serviceAccountDelete>;
    readonly get: Door<typeof serviceAccountGet>;
    readonly list: Door<typeof serviceAccountList>;
  };
  readonly apiKeys: {
    readonly create: Door<typeof apiKeyCreate>;
    readonly rotate: Door<typeof apiKeyRotate>;
    readonly revoke: Door<typeof apiKeyRevoke>;
    readonly list: Door<typeof apiKeyList>;
  };
  /** Inviting is done in the context of a tenant; coming in by a link is not. */
  readonly invitations: InvitationDoor & {
    readonly create: Door<typeof invitationCreate>;
    readonly list: Door<typeof invitationList>;
    readonly resend: Door<typeof invitationResend>;
    readonly revoke: Door<typeof invitationRevoke>;
    readonly import: Door<typeof invitationImport>;
    readonly export: Door<typeof invitationExport>;
  };
  /** Mail domains whose people may join the tenant in context; joining is done by a user. */
  readonly domains: DomainDoor & {
    readonly list: Door<typeof verifiedDomainList>;
    readonly add: Door<typeof verifiedDomainAdd>;
    readonly remove: Door<typeof verifiedDomainRemove>;
    readonly verify: Door<typeof verifiedDomainVerify>;
  };
  readonly mail: Mail;
  readonly tenant: {
    readonly read: Door<typeof tenantRead>;
    readonly setName: Door<typeof tenantSetName>;
    readonly close: Door<typeof tenantClose>;
  };
}

export interface IdentityRoom {
  readonly identity: IdentityDoor;
  /** What the operations run on, for HTTP and the command line. */
  readonly ports: RoomPorts;
  readonly gate: Pick<GatePorts, 'sessions' | 'apiKeys' | 'isMember' | 'addressOf'>;
  /** The identity role's connection, for the rest of the room. */
  readonly accounts: AccountsQuery;
  /** Begins what has to be done though nobody asks; says what that is: nothing without accounts. */
  start(): readonly HousekeepingTask[];
  close(): Promise<void>;
}

export function createIdentityRoom(config: IdentityConfig, given: IdentityRoomPorts): IdentityRoom {
  const accounts = createAccountsConnection(config.accountsUrl);
  const app: QueryPort = { query: (text, values) => given.systemQuery(text, values) };
  const sessionConfig = config.sessions ?? sessionsSchema.parse({});
  const keyConfig = config.apiKeys ?? apiKeysSchema.parse({});
  const cookie = createSessionCookie(sessionConfig);
  const uses = createKeyUses(app);

  const lifetimes = {
    idleSeconds: sessionConfig.idleMinutes * 60,
    absoluteSeconds: sessionConfig.absoluteMinutes * 60,
  };
  const links = mailLinks(config, given.controlPlaneUrl);
  const mailRoom = createMail({
    config: config.mail,
    contextKeys: given.contextKeys,
    accounts,
    sendsByItself: config.accountsUrl !== undefined && config.mail?.sendFrom === 'any',
    settings: {
      product: config.productName,
      invitationUrl: links.invitation,
      emailChangeUrl: links.emailChange,
    },
    unconfigured: () => identityError('identity.mail_unconfigured'),
  });
  const tokens = createInvitationTokens(given.contextKeys);
  const lookUp = createTxtLookup(config.nameServers);
  const signInRoom = createSignInRoom(config, {
    accounts,
    mintSession: mintSessionToken,
    lifetimes,
    resetUrl: links.passwordReset,
    sendMail: given.sendMail ?? (config.mail === undefined ? undefined : mailRoom.post),
    emailChangeUrl: links.emailChange,
    ...(config.mail !== undefined && {
      mailing: { seal: mailRoom.seal.seal, posted: mailRoom.kick },
    }),
    onFailure: given.onFailure,
  });

  const ports: RoomPorts = {
    keyPrefix: keyConfig.prefix,
    seal: mailRoom.seal,
    tokens,
    lifetimeSeconds: config.invitationDays * 86_400,
    posted: () => mailRoom.kick(),
    lookUp,
    accounts,
    tenantId: () => currentTenant().tenant.id,
    query: (text, values) => {
      currentTenant();
      return given.contextQuery(text, values);
    },
    sessionId: () => currentTenant().session?.id,
    actor: () => currentTenant().actor,
    changed: () => given.changed(currentTenant().tenant.id),
  };
  const door =
    <I extends z.ZodType, R extends z.ZodType, P>(operation: Operation<I, R, P>) =>
    (input: z.input<I>) =>
      // What comes of it the operation has checked by its own schema.
      runTellingDenial(
        operation as OperationDefinition<RoomPorts>,
        ports,
        input,
        given.denied,
      ) as Promise<z.output<R>>;

  const sessions = createSessions(accounts, given.systemQuery, sessionConfig);
  const domainDoor = createDomainDoor({
    accounts,
    lookUp,
    joined: (tenantId) => given.changed(tenantId),
  });
  const housekeeping = createHousekeeping({
    sendMail: config.mail === undefined ? undefined : () => mailRoom.mail.start(),
    verifyDomains: () => domainDoor.verifyDue(),
    sweepSessions: () => sessions.sweep(),
    onFailure: given.onFailure ?? warn,
  });

  return {
    identity: {
      ...signInRoom,
      users: createUsers(accounts),
      sessions: {
        ...sessions,
        cookie,
        csrf: createCsrfTokens(given.contextKeys),
        ofTenant: door(sessionList),
        shutOut: door(sessionRevoke),
        shutOutAll: door(sessionRevokeAll),
      },
      serviceAccounts: {
        create: door(serviceAccountCreate),
        update: door(serviceAccountUpdate),
        disable: door(serviceAccountDisable),
        enable: door(serviceAccountEnable),
        delete: door(serviceAccountDelete),
        get: door(serviceAccountGet),
        list: door(serviceAccountList),
      },
      apiKeys: {
        create: door(apiKeyCreate),
        rotate: door(apiKeyRotate),
        revoke: door(apiKeyRevoke),
        list: door(apiKeyList),
      },
      invitations: {
        ...createInvitationDoor({
          accounts,
          tokens,
          mintSession: mintSessionToken,
          lifetimes,
          hashPassword: signInRoom.hashPassword,
          joined: (tenantId) => given.changed(tenantId),
        }),
        create: door(invitationCreate),
        list: door(invitationList),
        resend: door(invitationResend),
        revoke: door(invitationRevoke),
        import: door(invitationImport),
        export: door(invitationExport),
      },
      domains: {
        ...domainDoor,
        list: door(verifiedDomainList),
        add: door(verifiedDomainAdd),
        remove: door(verifiedDomainRemove),
        verify: door(verifiedDomainVerify),
      },
      mail: mailRoom.mail,
      tenant: {
        read: door(tenantRead),
        setName: door(tenantSetName),
        close: door(tenantClose),
      },
    },
    ports,
    gate: {
      addressOf: given.addressOf,
      ...(config.sessions !== undefined && {
        sessions: {
          cookie,
          finder: createSessionFinder(app, {
            ...sessionConfig,
            setCookie: cookie.set,
            addressOf: given.addressOf,
          }),
        },
      }),
      ...(config.apiKeys !== undefined && {
        apiKeys: {
          prefix: keyConfig.prefix,
          finder: createApiKeyFinder(app, {
            prefix: keyConfig.prefix,
            uses,
            addressOf: given.addressOf,
          }),
        },
      }),
      ...(config.requireMembership && {
        isMember: createMemberCheck({
          query: (text, values) => given.contextQuery(text, values),
        }),
      }),
    },
    accounts,
    start: () => (config.accountsUrl === undefined ? [] : housekeeping.start()),
    async close() {
      await housekeeping.stop();
      await signInRoom.passwords.settled();
      await mailRoom.close();
      await uses.flush();
      await accounts.close();
    },
  };
}

/** The code alone: what a database says may name people. */
function warn(error: unknown): void {
  const code = (error as { code?: unknown } | null)?.code ?? 'unknown';
  process.emitWarning(`Work in the background failed and is tried again (${String(code)}).`, {
    code: 'BULKHEAD_HOUSEKEEPING',
  });
}
