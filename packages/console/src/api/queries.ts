/** Every question that the console asks, once: its key, its path, and how long the answer keeps. */
import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query';
import type { AnswerData, Arguments, Asked, ItemOf, PagedPath, PathOf } from 'bulkhead/client';
import { enteredTenant } from '../session/entered.ts';
import { ask, fillPath, type Query } from './request.ts';
import type { ActorType, Member, Page, PolicyKind } from './shapes.ts';

/** Rows of a matrix that a person can still look at. */
const EVERYTHING_MAX = 2_000;
const minutes = (count: number): number => count * 60_000;

/** What stands in a path and behind it, whatever the endpoint: the typed call has checked it. */
interface Given {
  readonly path?: Readonly<Record<string, string>>;
  readonly query?: Query;
}

const get = <P extends PathOf<'get'>>(
  path: P,
  given: Given,
  signal: AbortSignal,
): Promise<AnswerData<P, 'get'>> =>
  ask('get', path, ...([{ ...given, signal }] as unknown as Arguments<Asked<P, 'get'>>));

function question<P extends PathOf<'get'>>(path: P, asked: Asked<P, 'get'>, staleTime = 15_000) {
  const given = asked as Given;
  return queryOptions({
    queryKey: [fillPath(path, given.path), given.query ?? {}],
    queryFn: ({ signal }) => get(path, given, signal),
    staleTime,
  });
}

/** Pages behind a cursor, as one list that grows. */
function pages<P extends PagedPath>(path: P, asked: Asked<P, 'get'>) {
  const given = asked as Given;
  return infiniteQueryOptions({
    queryKey: [fillPath(path, given.path), 'pages', given.query ?? {}],
    queryFn: async ({ signal, pageParam }) => {
      const query = { ...given.query, after: pageParam ?? undefined };
      return (await get(path, { ...given, query }, signal)) as Page<ItemOf<P>>;
    },
    initialPageParam: null as string | null,
    getNextPageParam: (page: Page<ItemOf<P>>) => page.next,
    placeholderData: keepPreviousData,
    staleTime: 10_000,
  });
}

/** Every page of a list that is looked at as a whole, up to a bound. */
function everything<P extends PagedPath>(path: P, asked: Asked<P, 'get'>) {
  const given = asked as Given;
  return queryOptions({
    queryKey: [fillPath(path, given.path), 'everything', given.query ?? {}],
    queryFn: async ({ signal }) => {
      const items: ItemOf<P>[] = [];
      let after: string | undefined;
      do {
        const query = { ...given.query, limit: 200, after };
        const page = (await get(path, { ...given, query }, signal)) as Page<ItemOf<P>>;
        items.push(...page.items);
        after = page.next ?? undefined;
      } while (after !== undefined && items.length < EVERYTHING_MAX);
      return items as readonly ItemOf<P>[];
    },
    staleTime: 15_000,
  });
}

type QueryOf<P extends PathOf<'get'>> = NonNullable<Asked<P, 'get'>['query']>;

const EVENTS = '/tenants/{tenant}/events';

export const questions = {
  me: () => {
    const entered = enteredTenant.read();
    return question('/me', entered === '' ? {} : { query: { tenant: entered } }, minutes(5));
  },
  overview: () => question('/overview', {}, 5_000),
  hull: () => question('/overview/hull', {}, minutes(1)),
  tenants: (query: QueryOf<'/tenants'>) => pages('/tenants', { query }),
  tenant: (tenant: string) => question('/tenants/{tenant}', { path: { tenant } }),
  isolation: () => question('/isolation', {}),
  events: (tenant: string, query: QueryOf<typeof EVENTS>) =>
    pages(EVENTS, { path: { tenant }, query }),
  histogram: (tenant: string, query: QueryOf<`${typeof EVENTS}/histogram`>) => ({
    ...question(`${EVENTS}/histogram`, { path: { tenant }, query }),
    placeholderData: keepPreviousData<AnswerData<`${typeof EVENTS}/histogram`, 'get'>>,
  }),
  facets: (tenant: string) => question(`${EVENTS}/facets`, { path: { tenant } }, minutes(2)),
  event: (tenant: string, event: string) =>
    question(`${EVENTS}/{event}`, { path: { tenant, event } }, minutes(10)),
  eventProof: (tenant: string, event: string) =>
    question(`${EVENTS}/{event}/proof`, { path: { tenant, event } }, minutes(1)),
  jobs: () => question('/jobs', {}, 0),
  members: (tenant: string, query: QueryOf<'/tenants/{tenant}/members'> = {}) =>
    pages('/tenants/{tenant}/members', { path: { tenant }, query }),
  invitations: (tenant: string) => pages('/tenants/{tenant}/invitations', { path: { tenant } }),
  roles: (tenant: string) => question('/tenants/{tenant}/roles', { path: { tenant } }),
  permissions: (tenant: string) =>
    question('/tenants/{tenant}/permissions', { path: { tenant } }, minutes(10)),
  grants: (tenant: string) => everything('/tenants/{tenant}/grants', { path: { tenant } }),
  /** Of these holders alone: a request, as a rule, however many there are in the organization. */
  grantsOf: (tenant: string, members: readonly Pick<Member, 'type' | 'id'>[]) =>
    everything('/tenants/{tenant}/grants', {
      path: { tenant },
      query: { holders: members.map(({ type, id }) => `${type}:${id}`) },
    }),
  matrix: (tenant: string) => everything('/tenants/{tenant}/access/matrix', { path: { tenant } }),
  explain: (tenant: string, actor: string, permission: string) =>
    queryOptions({
      queryKey: [`${pathOf(tenant)}/access/explain`, actor, permission],
      queryFn: ({ signal }) =>
        ask('post', '/tenants/{tenant}/access/explain', {
          path: { tenant },
          body: {
            permission,
            actor: {
              type: actor.split(':', 1)[0] as ActorType,
              id: actor.slice(actor.indexOf(':') + 1),
            },
          },
          signal,
        }),
      staleTime: 5_000,
    }),
  policies: (tenant: string) => question('/tenants/{tenant}/policies', { path: { tenant } }),
  policyHistory: (tenant: string, kind: PolicyKind) =>
    pages('/tenants/{tenant}/policies/{kind}/history', {
      path: { tenant, kind },
      query: { limit: 20 },
    }),
  serviceAccounts: (tenant: string) =>
    pages('/tenants/{tenant}/service-accounts', { path: { tenant }, query: { limit: 100 } }),
  factors: () => question('/me/factors', {}, 5_000),
  ownTenants: () => question('/me/tenants', {}),
  joinableTenants: () => question('/joinable-tenants', {}),
  ownSessions: () => question('/me/sessions', {}, 5_000),
  users: (email: string | undefined) =>
    pages('/users', { query: { ...(email !== undefined && { email }), limit: 100 } }),
  user: (user: string) => question('/users/{user}', { path: { user } }),
  userSessions: (user: string) => question('/users/{user}/sessions', { path: { user } }),
  apiKeys: (tenant: string) => pages('/tenants/{tenant}/api-keys', { path: { tenant } }),
  sessions: (tenant: string) => pages('/tenants/{tenant}/sessions', { path: { tenant } }),
  settings: () => question('/settings', {}),
  trackedTables: () => question('/audit/tracked-tables', {}),
};

/** How everything about an organization is remembered: what begins so is asked again when it changes. */
export const pathOf = (tenant: string): string => fillPath('/tenants/{tenant}', { tenant });
