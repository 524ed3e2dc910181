/** `listPermitted`: the database's own list of nodes, as a part of the app's statement. */
import { z } from 'zod';
import { kernelError } from '../kernel/error-codes.ts';
import { kindSchema, permissionSchema } from './operations/schemas.ts';
import { ownKinds } from './permissions/publish.ts';

export interface PermittedNodes {
  /** Goes behind `in (…)`; its parameters are $1 and $2. */
  readonly text: string;
  /** The permission and the kind. */
  readonly values: readonly [permission: string, kind: string | null];
  /** The same with other places for its two parameters: `at(3)` uses $3 and $4. */
  at(first: number): string;
}

const input = z.strictObject({ permission: permissionSchema, kind: kindSchema.nullable() });

/** @param kinds what the app declares: a list of a kind that is not there would be empty without a word */
export function permittedNodes(
  permission: string,
  kind: string | undefined,
  kinds: readonly string[],
): PermittedNodes {
  const parsed = input.safeParse({ permission, kind: kind ?? null });
  if (!parsed.success) {
    throw kernelError('kernel.input_invalid', { message: z.prettifyError(parsed.error) });
  }
  const known = [...ownKinds, ...kinds];
  if (kind !== undefined && !known.includes(kind)) {
    throw kernelError('kernel.input_invalid', {
      message: `There are no nodes of the kind ${parsed.data.kind}. There are ${known.join(', ')}; an app declares its own in access.kinds.`,
    });
  }
  const at = (first: number): string =>
    `select bulkhead.permitted_nodes($${first}::text, $${first + 1}::text)`;
  return { text: at(1), values: [parsed.data.permission, parsed.data.kind], at };
}
