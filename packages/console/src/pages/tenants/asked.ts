/** What the list of organizations asks for, from its address: the page, and whoever fetches it ahead, ask the same. */
import { questions } from '../../api/queries.ts';

const ORDERS = ['name', 'slug', 'created', 'events', 'denials'] as const;
const STATUSES = ['active', 'disabled', 'suspended', 'closed'] as const;

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
