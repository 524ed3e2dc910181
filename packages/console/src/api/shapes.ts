/**
 * What the console reads of the control plane, by name: the generated client's types, so that an API which changes
 * under a page stops the build. Only what no description holds is written here: the messages of the live stream.
 */
import type { AnswerData, ApiProblem, Asked, ItemOf } from 'bulkhead/client';

/** RFC 9457, with Bulkhead's code and next step; `console.unreachable` where nobody answered. */
export type Problem = Pick<ApiProblem, 'status' | 'code' | 'title'> &
  Partial<ApiProblem> & { readonly detail?: string };

/** Pages behind a cursor: `next` is passed as `after`, and null on the last. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly next: string | null;
  /** Of the whole list, where it is cheap to know. */
  readonly total?: number;
}

type Plain =
  | '/me'
  | '/overview'
  | '/overview/hull'
  | '/isolation'
  | '/settings'
  | '/me/factors'
  | '/me/tenants';
type Of<P extends Plain> = AnswerData<P, 'get'>;

export type Me = Of<'/me'>;
export type Overview = Of<'/overview'>;
export type WaitingItem = Overview['waiting'][number];
export type State = WaitingItem['state'];
/** One slot of time; all in a list have the same length and follow each other. */
export type ActivitySlot = Overview['activity'][number];
export type DenialNotice = Overview['latestDenials'][number];
/** Columns, so that five thousand tenants are small. */
export type Hull = Of<'/overview/hull'>;
export type Settings = Of<'/settings'>;
export type Tracked = ItemOf<'/audit/tracked-tables'>;

export type IsolationReport = Of<'/isolation'>;
type Proof = NonNullable<IsolationReport['proof']>;
export type ProvedObject = Proof['objects'][number];
export type Verdict = ProvedObject['verdict'];
export type Finding = ProvedObject['findings'][number];

export type SignInStep = AnswerData<'/sign-in/password', 'post'>;
/** By what somebody shows who they are; the password only where they show it again. */
export type SecondFactor = Extract<SignInStep, { status: 'second_factor' }>['methods'][number];
export type Factors = Of<'/me/factors'>;
export type Passkey = Factors['passkeys'][number];
export type OwnSession = ItemOf<'/me/sessions'>;
export type OwnTenants = Of<'/me/tenants'>;
export type OwnTenant = OwnTenants['items'][number];
export type JoinableTenant = ItemOf<'/joinable-tenants'>;
export type InvitationLook = AnswerData<'/invitations/look', 'post'>;

export type User = ItemOf<'/users'>;
export type UserStory = AnswerData<'/users/{user}', 'get'>;
export type TenantRow = ItemOf<'/tenants'>;
export type Tenant = AnswerData<'/tenants', 'post'>;
export type TenantStory = AnswerData<'/tenants/{tenant}', 'get'>;

export type AuditEvent = ItemOf<'/tenants/{tenant}/events'>;
export type Outcome = AuditEvent['outcome'];
export type Named = AuditEvent['actor'];
export type Histogram = AnswerData<'/tenants/{tenant}/events/histogram', 'get'>;
export type Facets = AnswerData<'/tenants/{tenant}/events/facets', 'get'>;
export type ExportFormat = NonNullable<
  NonNullable<Asked<'/tenants/{tenant}/events/export', 'get'>['query']>['format']
>;
export type EventProof = AnswerData<'/tenants/{tenant}/events/{event}/proof', 'get'>;
export type Job = ItemOf<'/jobs'>;

export type Member = ItemOf<'/tenants/{tenant}/members'>;
export type Grant = ItemOf<'/tenants/{tenant}/grants'>;
export type Invitation = ItemOf<'/tenants/{tenant}/invitations'>;
export type Roles = AnswerData<'/tenants/{tenant}/roles', 'get'>;
export type Role = Roles['items'][number];
export type PermissionCatalogue = AnswerData<'/tenants/{tenant}/permissions', 'get'>;
export type Permission = PermissionCatalogue['permissions'][number];
export type MatrixRow = ItemOf<'/tenants/{tenant}/access/matrix'>;
export type ActorType = NonNullable<
  Asked<'/tenants/{tenant}/access/explain', 'post'>['body']['actor']
>['type'];
export type Explanation = AnswerData<'/tenants/{tenant}/access/explain', 'post'>;
export type ExplainedGrant = Explanation['grants'][number];
export type Policy = AnswerData<'/tenants/{tenant}/policies', 'get'>['items'][number];
export type PolicyKind = Policy['kind'];
export type PolicyPreview = AnswerData<'/tenants/{tenant}/policies/{kind}/preview', 'post'>;
export type ServiceAccount = ItemOf<'/tenants/{tenant}/service-accounts'>;
export type ApiKey = ItemOf<'/tenants/{tenant}/api-keys'>;
export type MadeApiKey = AnswerData<'/tenants/{tenant}/api-keys', 'post'>;
export type Session = ItemOf<'/tenants/{tenant}/sessions'>;

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
