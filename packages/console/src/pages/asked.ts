/** What each page asks for first, from its address: the page, and whoever fetches it ahead, ask the same. */
import { questions } from '../api/queries.ts';
import type { Hull, Me } from '../api/shapes.ts';
import type { AuditSearch } from '../search-params.ts';
import { filterOf } from './audit/filters.ts';

const ORDERS = ['name', 'slug', 'created', 'events', 'denials'] as const;
const STATUSES = ['active', 'disabled', 'suspended', 'closed'] as const;
const SLOTS = 96;

export interface TenantsSearch {
  readonly q?: string;
  readonly status?: string;
  readonly sort?: string;
}

/** Names go upwards, numbers downwards: the other way round nobody looks for anything. */
export const orderOf = (sort: string | undefined): (typeof ORDERS)[number] =>
  ORDERS.find((order) => order === sort?.replace('-', '')) ?? 'name';

export function askedTenants(search: TenantsSearch) {
  // An address may be mistyped: what it can't mean is no filter.
  const status = STATUSES.find((one) => one === search.status);
  return questions.tenants({
    ...(search.q !== undefined && { q: search.q }),
    ...(status !== undefined && { status }),
    sort: orderOf(search.sort),
    limit: 100,
  });
}

/** Accounts are found by the whole address; what is no address yet is no filter. */
export const askedUsers = ({ email }: { readonly email?: string }) =>
  questions.users(email?.includes('@') ? email : undefined);

export const askedMembers = (tenant: string, { q }: { readonly q?: string }) =>
  questions.members(tenant, { ...(q !== undefined && { search: q }), limit: 100 });

export const askedTimeline = (tenant: string) => questions.events(tenant, { limit: 20 });

/** The operators' own log: crossings, keys, the directory. */
export const OPERATORS = 'bulkhead-operators';

/** Links from denials name an organization by its id; people by its slug. */
export function whoseLog(
  { tenant }: AuditSearch,
  me: Me,
  last: string,
  hull: Hull | undefined,
): string {
  const own = me.tenant?.slug ?? me.tenant?.id;
  const asked = tenant ?? own ?? (last === '' ? OPERATORS : last);
  return hull?.slugs[hull.ids.indexOf(asked)] ?? asked;
}

export function askedLog(tenant: string, search: AuditSearch, now: Date) {
  const filter = filterOf(search, now);
  return {
    filter,
    events: questions.events(tenant, { ...filter, limit: 100 }),
    histogram: questions.histogram(tenant, { ...filter, slots: SLOTS }),
  };
}
