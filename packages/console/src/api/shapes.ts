/** What the console reads of the control plane: the answers as they travel. Times are RFC 3339 in UTC. */

export type Verdict = 'proven' | 'leak' | 'unknown';
export type State = 'proven' | 'attention' | 'breach' | 'quiet' | 'unknown';
export type Outcome = 'success' | 'failure' | 'denied';

export interface Page<T> {
  readonly items: readonly T[];
  /** Pass it as `after` for the next page; null on the last. */
  readonly next: string | null;
  readonly total?: number | undefined;
}

/** RFC 9457, with Bulkhead's code and next step. */
export interface Problem {
  readonly status: number;
  readonly code: string;
  readonly title: string;
  readonly detail?: string | undefined;
  readonly next?: string | undefined;
  readonly requestId?: string | undefined;
}

export interface Me {
  readonly actor: {
    readonly type: string;
    readonly id: string;
    readonly name: string;
    readonly email: string | null;
  };
  /** An operator sees every tenant; anybody else the one that is named. */
  readonly plane: 'operator' | 'tenant';
  readonly tenant: { readonly id: string; readonly slug: string; readonly name: string } | null;
  /** Of the plane: an operator who may only look has the `:read` ones alone. */
  readonly permissions: readonly string[];
  /** Sent back as `x-csrf-token` with every change. */
  readonly csrfToken: string;
  readonly version: string;
}

/** By what somebody shows who they are; the password only where they show it again. */
export type SecondFactor = 'password' | 'totp' | 'recovery' | 'passkey';
export type SignInStep =
  | {
      readonly status: 'done';
      readonly mfa: boolean;
      /** An organization demands a second factor, and there is none yet. */
      readonly mustEnrol: boolean;
      readonly recoveryCodesLeft: number;
    }
  | {
      readonly status: 'second_factor';
      readonly challenge: string;
      readonly methods: readonly SecondFactor[];
    }
  | { readonly status: 'new_password'; readonly challenge: string };

export interface Passkey {
  readonly id: string;
  readonly name: string;
  readonly createdAt: string;
  readonly lastUsedAt: string | null;
  readonly backedUp: boolean;
}

export interface Factors {
  readonly password: { readonly changedAt: string } | null;
  readonly totp: { readonly confirmedAt: string } | null;
  readonly recoveryCodesLeft: number;
  readonly passkeys: readonly Passkey[];
}

/** One's own. */
export interface OwnSession {
  readonly id: string;
  readonly device: string;
  readonly ip: string | null;
  readonly methods: readonly string[];
  readonly createdAt: string;
  readonly lastSeenAt: string;
  readonly endsAt: string;
  readonly current: boolean;
}

export interface User {
  readonly id: string;
  readonly email: string;
  readonly name: string;
  readonly status: 'active' | 'disabled';
  readonly emailVerifiedAt: string | null;
  readonly createdAt: string;
  readonly updatedAt: string;
}

export interface UserStory extends User {
  readonly tenants: readonly {
    readonly id: string;
    readonly slug: string;
    readonly name: string;
    readonly membership: string;
  }[];
}

/** One slot of time; all in a list have the same length and follow each other. */
export interface ActivitySlot {
  readonly at: string;
  readonly events: number;
  readonly denials: number;
  readonly alerts: number;
}

export interface Overview {
  readonly serverTime: string;
  readonly isolation: {
    readonly tenants: number;
    readonly proven: number;
    readonly leaks: number;
    readonly unknown: number;
    /** Null before the first proof. */
    readonly provenAt: string | null;
    /** The last migration, such as `access 000001`. */
    readonly schemaVersion: string | null;
  };
  readonly log: {
    readonly events: number;
    readonly logs: number;
    /** All logs up to this many events in all. */
    readonly verifiedEvents: number;
    readonly verifiedAt: string | null;
    /** False: what was found. */
    /** Null before it was ever verified. */
    readonly whole: boolean | null;
    readonly fault: string | null;
    readonly unsigned: number;
  };
  readonly denials: {
    readonly lastHour: number;
    readonly last24Hours: number;
    readonly tenants: number;
  };
  /** 96 slots of a quarter of an hour. */
  readonly activity: readonly ActivitySlot[];
  readonly waiting: readonly WaitingItem[];
  readonly latestDenials: readonly DenialNotice[];
}

export interface WaitingItem {
  readonly kind:
    | 'leak'
    | 'denials'
    | 'invitation_expiring'
    | 'log_fault'
    | 'unprotected_table'
    | 'job';
  readonly title: string;
  readonly detail: string;
  /** Below the console: `/isolation?object=public.note`. */
  readonly href: string;
  readonly state: State;
  readonly since: string | null;
}

/** Columns, so that five thousand tenants are small. */
export interface Hull {
  readonly ids: readonly string[];
  readonly slugs: readonly string[];
  readonly names: readonly string[];
  readonly disabled: readonly boolean[];
  /** Events in the last 24 hours. */
  readonly events: readonly number[];
  readonly denials: readonly number[];
}

export interface DenialNotice {
  readonly id: string;
  readonly at: string;
  readonly tenant: string;
  readonly tenantName: string;
  readonly action: string;
  /** Such as `isolation.statement_refused`. */
  readonly code: string | null;
  readonly actor: string | null;
  readonly path: string | null;
  readonly count: number;
}

/** `GET /stream`: SSE, each with an id; `Last-Event-ID` resumes. */
export type StreamMessage =
  | { readonly type: 'denial'; readonly data: DenialNotice }
  | {
      readonly type: 'activity';
      readonly data: {
        readonly at: string;
        readonly events: number;
        readonly denials: number;
        readonly tenants: readonly (readonly [id: string, events: number])[];
      };
    }
  | {
      readonly type: 'log';
      readonly data: { readonly events: number; readonly verifiedAt: string };
    }
  | { readonly type: 'proof'; readonly data: { readonly provenAt: string; readonly leak: number } }
  | { readonly type: 'job'; readonly data: Job }
  | {
      readonly type: 'change';
      readonly data: {
        readonly id: string;
        readonly at: string;
        readonly tenant: string;
        readonly action: string;
      };
    }
  | { readonly type: 'reset'; readonly data: Record<string, never> };

export interface Tenant {
  readonly id: string;
  readonly slug: string;
  readonly name: string;
  readonly status: 'active' | 'disabled' | 'suspended' | 'closed';
  readonly externalId: string | null;
  readonly domains: readonly string[];
  readonly createdAt: string;
  readonly updatedAt: string;
}

export interface TenantRow extends Tenant {
  readonly members: number;
  readonly events24h: number;
  readonly denials24h: number;
  readonly lastEventAt: string | null;
}

export interface TenantStory extends TenantRow {
  readonly invitations: number;
  readonly serviceAccounts: number;
  readonly apiKeys: number;
  readonly sessions: number;
  readonly log: {
    readonly size: number;
    readonly signedSize: number;
    readonly signedAt: string | null;
    readonly origin: string;
  };
  /** 30 slots of a day. */
  readonly activity: readonly ActivitySlot[];
}

export interface Finding {
  readonly kind: string;
  readonly why: string;
  readonly exploit: string | null;
  readonly confirmed: boolean;
  readonly fix: string | null;
  readonly severity: 'critical' | 'high' | 'medium' | 'low';
}

export interface ProvedObject {
  readonly object: string;
  readonly type: string;
  readonly verdict: Verdict;
  readonly because: string | null;
  readonly findings: readonly Finding[];
}

export interface IsolationReport {
  readonly provenAt: string | null;
  readonly schemaVersion: string | null;
  readonly running: boolean;
  readonly proof: {
    readonly database: string;
    readonly role: string;
    readonly summary: { readonly proven: number; readonly leak: number; readonly unknown: number };
    readonly objects: readonly ProvedObject[];
    readonly convention: {
      readonly kind: string;
      readonly expression: string | null;
      readonly tenantColumns: readonly string[];
      readonly registry: string | null;
    };
    readonly notSeen: readonly string[];
  } | null;
  /** From a view or function to what it reads. */
  readonly edges: readonly { readonly from: string; readonly to: string }[];
}

export interface Named {
  readonly type: string;
  readonly id: string;
  readonly name?: string | undefined;
}

/** The audit room's `AuditEvent`. */
export interface AuditEvent {
  readonly id: string;
  readonly tenant: string;
  readonly class: string;
  readonly leafIndex: number;
  readonly action: string;
  readonly actor: Named;
  readonly targets: readonly Named[];
  readonly outcome: Outcome;
  readonly source: string;
  readonly time: string;
  readonly recorded: string;
  readonly ip?: string | undefined;
  readonly userAgent?: string | undefined;
  readonly location?:
    | { readonly country?: string; readonly region?: string; readonly city?: string }
    | undefined;
  readonly requestId?: string | undefined;
  readonly sessionId?: string | undefined;
  readonly reason?: string | undefined;
  readonly metadata?: Readonly<Record<string, unknown>> | undefined;
  readonly before?: Readonly<Record<string, unknown>> | undefined;
  readonly after?: Readonly<Record<string, unknown>> | undefined;
  readonly closed?: Readonly<Record<string, 'erased' | 'sealed'>> | undefined;
}

export interface Histogram {
  readonly from: string;
  readonly to: string;
  readonly slotSeconds: number;
  readonly slots: readonly {
    readonly at: string;
    readonly success: number;
    readonly failure: number;
    readonly denied: number;
  }[];
  readonly total: number;
}

/** What the query bar suggests, of this tenant's recent events. */
export interface Facets {
  readonly actions: readonly { readonly action: string; readonly description: string }[];
  readonly actors: readonly Named[];
  readonly targetTypes: readonly string[];
}

export interface EventProof {
  readonly proof: {
    readonly leafIndex: number;
    readonly treeSize: number;
    readonly hashes: readonly string[];
    readonly leafHash: string;
    readonly rootHash: string;
    readonly entry: string;
  };
  readonly checkpoint: string;
  readonly log: { readonly tenant: string; readonly class: string };
  readonly signedAt: string | null;
}

export interface Job {
  readonly id: string;
  readonly kind: string;
  readonly title: string;
  readonly status: 'queued' | 'running' | 'done' | 'failed' | 'cancelled';
  readonly done: number;
  /** Null where nobody knows yet. */
  readonly total: number | null;
  readonly createdAt: string;
  readonly finishedAt: string | null;
  /** Where the result is, below the API. */
  readonly resultHref: string | null;
  readonly problem: Problem | null;
}

export interface Member {
  readonly type: 'user' | 'service_account';
  readonly id: string;
  readonly name: string;
  readonly email: string | null;
  readonly status: 'active' | 'suspended';
  readonly createdAt: string;
}

export interface Grant {
  readonly id: string;
  readonly holder: { readonly type: 'user' | 'service_account' | 'group'; readonly id: string };
  readonly role: string;
  readonly node: string;
  readonly source: string;
  readonly expiresAt: string | null;
  readonly grantedBy: string;
  readonly createdAt: string;
}

export interface Invitation {
  readonly id: string;
  readonly email: string;
  readonly role: string;
  readonly status: 'pending' | 'accepted' | 'revoked' | 'expired';
  readonly invitedBy: string | null;
  readonly createdAt: string;
  readonly expiresAt: string;
}

export interface Role {
  readonly key: string;
  readonly name: string;
  readonly description: string;
  /** The only kind of node that it can be granted on. */
  readonly kind: string | null;
  readonly builtIn: boolean;
  readonly permissions: readonly string[];
  readonly inherits: readonly string[];
}

export interface Permission {
  readonly name: string;
  readonly description: string;
  readonly dangerous: boolean;
}

export interface PermissionCatalogue {
  readonly permissions: readonly Permission[];
  readonly kinds: readonly string[];
}

/** What one member holds on the tenant. */
export interface MatrixRow {
  readonly member: Member;
  readonly holds: readonly string[];
}

export interface ExplainedGrant {
  readonly grant: string;
  readonly role: string;
  /** From that role to the one that holds the permission itself. */
  readonly roles: readonly string[];
  readonly node: string;
  readonly nodeName: string | null;
  readonly group: { readonly id: string; readonly name: string } | null;
  readonly source: string;
  readonly expiresAt: string | null;
  readonly grantedBy: string;
  readonly hindrance?: 'expired' | 'elsewhere' | 'wrong_kind' | undefined;
}

export interface Explanation {
  readonly permitted: boolean;
  readonly reason: string;
  readonly permission: string;
  readonly node: string;
  readonly actor: { readonly type: string; readonly id: string };
  readonly holder: { readonly type: string; readonly id: string } | null;
  /** Those that decide, the nearest first. */
  readonly grants: readonly ExplainedGrant[];
  /** Those that would, and what is in the way. */
  readonly near: readonly ExplainedGrant[];
  readonly rolesWith: readonly string[];
}

export type PolicyKind = 'password' | 'session' | 'api' | 'mfa';

export interface Policy {
  readonly kind: PolicyKind;
  readonly version: number;
  readonly body: Readonly<Record<string, unknown>>;
  readonly defaults: Readonly<Record<string, unknown>>;
  readonly changedAt: string | null;
  readonly changedBy: string | null;
}

export interface PolicyPreview {
  /** Whole sentences, worst first. */
  readonly effects: readonly {
    readonly text: string;
    readonly count: number;
    readonly severity: 'none' | 'attention' | 'breach';
  }[];
}

export interface ServiceAccount {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly status: 'active' | 'suspended';
  readonly createdAt: string;
  readonly createdBy: string;
}

export interface ApiKey {
  readonly id: string;
  readonly name: string;
  readonly prefix: string;
  readonly holder: Named;
  readonly permissions: readonly string[] | null;
  readonly createdAt: string;
  readonly createdBy: string;
  readonly expiresAt: string | null;
  readonly revokedAt: string | null;
  readonly lastUsedAt: string | null;
  readonly lastUsedIp: string | null;
}

export interface Session {
  readonly id: string;
  readonly user: Named;
  readonly methods: readonly string[];
  readonly mfa: boolean;
  readonly ip: string | null;
  readonly userAgent: string | null;
  readonly device: string;
  readonly createdAt: string;
  readonly enteredAt: string;
  readonly lastSeenAt: string;
  readonly current: boolean;
}

export interface Settings {
  readonly version: string;
  readonly schema: readonly {
    readonly room: string;
    readonly migration: string;
    readonly appliedAt: string;
  }[];
  readonly database: {
    readonly version: string;
    readonly appRole: string;
    readonly operatorRole: string | null;
  };
  readonly contextKeys: readonly { readonly kid: string; readonly installedAt: string }[];
  readonly workers: readonly {
    readonly name: string;
    readonly alive: boolean;
    readonly seenAt: string | null;
    readonly lagMs: number | null;
  }[];
  readonly logKeys: readonly { readonly name: string; readonly verifierKey: string }[];
}
