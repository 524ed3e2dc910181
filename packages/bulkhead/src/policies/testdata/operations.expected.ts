/** Who may do what with a tenant's policies; an operation without a line here fails the test beside it. */
import type { Expected } from '#test/operation-table';

const managers = 'owner admin system operator';
const readers = 'owner admin auditor system operator';

export const expected: Readonly<Record<string, Expected>> = {
  'policy.list': { yes: readers },
  'policy.get': { yes: readers },
  'policy.history': { yes: readers },
  'policy.preview': { yes: managers },
  'policy.set': { yes: managers },
};
