/** Every question that the console asks, once: its key, its path, and how long the answer keeps. */
import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query';
import { type Query, request } from './request.ts';
import type {
  ApiKey,
  AuditEvent,
  EventProof,
  Explanation,
  Facets,
  Factors,
  Grant,
  Histogram,
  Hull,
  Invitation,
  IsolationReport,
  Job,
  MatrixRow,
  Me,
  Member,
  Overview,
  OwnSession,
  Page,
  PermissionCatalogue,
  Policy,
  Role,
  ServiceAccount,
  Session,
  Settings,
  TenantRow,
  TenantStory,
  User,
  UserStory,
} from './shapes.ts';

/** Rows of a matrix that a person can still look at. */
const EVERYTHING_MAX = 2_000;
const minutes = (count: number): number => count * 60_000;

function question<T>(path: string, query: Query = {}, staleTime = 15_000) {
  return queryOptions({
    queryKey: [path, query],
    queryFn: ({ signal }) => request<T>(path, { query, signal }),
    staleTime,
  });
}

/** Pages behind a cursor, as one list that grows. */
function pages<T>(path: string, query: Query = {}) {
  return infiniteQueryOptions({
    queryKey: [path, 'pages', query],
    queryFn: ({ signal, pageParam }) =>
      request<Page<T>>(path, { query: { ...query, after: pageParam ?? undefined }, signal }),
    initialPageParam: null as string | null,
    getNextPageParam: (page: Page<T>) => page.next,
    placeholderData: keepPreviousData,
    staleTime: 10_000,
  });
}

/** Every page of a list that is looked at as a whole, up to a bound. */
function everything<T>(path: string) {
  return queryOptions({
    queryKey: [path, 'everything'],
    queryFn: async ({ signal }) => {
      const items: T[] = [];
      let after: string | undefined;
      do {
        const page: Page<T> = await request(path, { query: { limit: 200, after }, signal });
        items.push(...page.items);
        after = page.next ?? undefined;
      } while (after !== undefined && items.length < EVERYTHING_MAX);
      return items as readonly T[];
    },
    staleTime: 15_000,
  });
}

const of = (tenant: string): string => `tenants/${encodeURIComponent(tenant)}`;

export const questions = {
  me: () => question<Me>('me', {}, minutes(5)),
  overview: () => question<Overview>('overview', {}, 5_000),
  hull: () => question<Hull>('overview/hull', {}, minutes(1)),
  tenants: (query: Query) => pages<TenantRow>('tenants', query),
  tenant: (tenant: string) => question<TenantStory>(of(tenant)),
  isolation: () => question<IsolationReport>('isolation'),
  events: (tenant: string, query: Query) => pages<AuditEvent>(`${of(tenant)}/events`, query),
  histogram: (tenant: string, query: Query) => ({
    ...question<Histogram>(`${of(tenant)}/events/histogram`, query),
    placeholderData: keepPreviousData<Histogram>,
  }),
  facets: (tenant: string) => question<Facets>(`${of(tenant)}/events/facets`, {}, minutes(2)),
  event: (tenant: string, id: string) =>
    question<AuditEvent>(`${of(tenant)}/events/${encodeURIComponent(id)}`, {}, minutes(10)),
  eventProof: (tenant: string, id: string) =>
    question<EventProof>(`${of(tenant)}/events/${encodeURIComponent(id)}/proof`, {}, minutes(1)),
  jobs: () => question<{ items: readonly Job[] }>('jobs', {}, 0),
  members: (tenant: string, query: Query = {}) => pages<Member>(`${of(tenant)}/members`, query),
  invitations: (tenant: string) => pages<Invitation>(`${of(tenant)}/invitations`),
  roles: (tenant: string) =>
    question<readonly Role[] | { items: readonly Role[] }>(`${of(tenant)}/roles`),
  permissions: (tenant: string) =>
    question<PermissionCatalogue>(`${of(tenant)}/permissions`, {}, minutes(10)),
  grants: (tenant: string) => everything<Grant>(`${of(tenant)}/grants`),
  matrix: (tenant: string) => everything<MatrixRow>(`${of(tenant)}/access/matrix`),
  explain: (tenant: string, actor: string, permission: string) =>
    queryOptions({
      queryKey: [`${of(tenant)}/access/explain`, actor, permission],
      queryFn: ({ signal }) =>
        request<Explanation>(`${of(tenant)}/access/explain`, {
          method: 'POST',
          body: {
            permission,
            actor: { type: actor.split(':', 1)[0], id: actor.slice(actor.indexOf(':') + 1) },
          },
          signal,
        }),
      staleTime: 5_000,
    }),
  policies: (tenant: string) => question<{ items: readonly Policy[] }>(`${of(tenant)}/policies`),
  policyHistory: (tenant: string, kind: string) =>
    pages<Policy>(`${of(tenant)}/policies/${kind}/history`, { limit: 20 }),
  serviceAccounts: (tenant: string) =>
    pages<ServiceAccount>(`${of(tenant)}/service-accounts`, { limit: 100 }),
  factors: () => question<Factors>('me/factors', {}, 5_000),
  ownTenants: () => question<{ csrfToken: string }>('me/tenants'),
  ownSessions: () => question<{ items: readonly OwnSession[] }>('me/sessions', {}, 5_000),
  users: (email: string | undefined) => pages<User>('users', { email, limit: 100 }),
  user: (id: string) => question<UserStory>(`users/${encodeURIComponent(id)}`),
  userSessions: (id: string) =>
    question<{ items: readonly OwnSession[] }>(`users/${encodeURIComponent(id)}/sessions`),
  apiKeys: (tenant: string) => pages<ApiKey>(`${of(tenant)}/api-keys`),
  sessions: (tenant: string) => pages<Session>(`${of(tenant)}/sessions`),
  settings: () => question<Settings>('settings'),
};

export const pathOf = of;
