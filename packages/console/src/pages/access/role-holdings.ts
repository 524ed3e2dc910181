/** What a role holds together with all that it inherits. */
import type { Role } from '../../api/shapes.ts';

export function holdsOf(
  key: string,
  roles: readonly Role[],
  seen = new Set<string>(),
): readonly string[] {
  const role = roles.find((one) => one.key === key);
  if (role === undefined || seen.has(key)) return [];
  seen.add(key);
  return [
    ...new Set([
      ...role.permissions,
      ...role.inherits.flatMap((from) => holdsOf(from, roles, seen)),
    ]),
  ];
}

export const rolesIn = (
  answer: readonly Role[] | { readonly items: readonly Role[] } | undefined,
): readonly Role[] => (answer === undefined ? [] : 'items' in answer ? answer.items : answer);
