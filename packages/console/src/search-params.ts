/** What stands behind the `?` of an address: plain names and texts, so that a link can be read and written by hand. */
export type SearchParams = Record<string, string | string[] | undefined>;

export function parseSearch(text: string): Record<string, string | string[]> {
  const found: Record<string, string | string[]> = {};
  const params = new URLSearchParams(text);
  for (const name of new Set(params.keys())) {
    const all = params.getAll(name);
    found[name] = all.length === 1 ? (all[0] ?? '') : all;
  }
  return found;
}

export function stringifySearch(search: Record<string, unknown>): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(search)) {
    if (value === undefined || value === null || value === '') continue;
    for (const one of Array.isArray(value) ? value : [value]) params.append(name, String(one));
  }
  const text = params.toString();
  return text === '' ? '' : `?${text}`;
}

const one = (value: unknown): string | undefined =>
  Array.isArray(value) ? String(value[0]) : typeof value === 'string' ? value : undefined;
const several = (value: unknown): string[] =>
  Array.isArray(value) ? value.map(String) : typeof value === 'string' ? [value] : [];

/** Reads the texts of these names and drops everything else. */
export const texts =
  <N extends string>(...names: readonly N[]) =>
  (search: Record<string, unknown>): { [K in N]?: string } =>
    Object.fromEntries(
      names.flatMap((name) => (one(search[name]) === undefined ? [] : [[name, one(search[name])]])),
    ) as { [K in N]?: string };

export interface AuditSearch {
  readonly tenant?: string | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly last?: string | undefined;
  readonly text?: string | undefined;
  readonly action?: string[] | undefined;
  readonly actor?: string[] | undefined;
  readonly target?: string[] | undefined;
  readonly outcome?: string[] | undefined;
  readonly event?: string | undefined;
  readonly live?: string | undefined;
}

export function auditSearch(search: Record<string, unknown>): AuditSearch {
  const lists = {
    action: several(search.action),
    actor: several(search.actor),
    target: several(search.target),
    outcome: several(search.outcome),
  };
  return {
    ...texts('tenant', 'from', 'to', 'last', 'text', 'event', 'live')(search),
    ...Object.fromEntries(Object.entries(lists).filter(([, list]) => list.length > 0)),
  };
}
