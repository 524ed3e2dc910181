/**
 * What a dry run needs to know of the people and keys of a tenant. `bulkhead.policy_entrants` tells it: a port,
 * which the room that keeps people fills in the database.
 */
import { z } from 'zod';
import type { StatementPort } from '../kernel/operation.ts';

const timeMs = z.number();
const ip = z.string().optional();

const entrantSchema = z.strictObject({
  type: z.enum(['user', 'service_account']),
  id: z.string(),
  name: z.string(),
  roles: z.array(z.string()),
  /** One whom the tenant may be left to. */
  isOwner: z.boolean(),
  /** Of a user: whether a second factor is set up. */
  mfaEnrolled: z.boolean().optional(),
  passwordChangedAtMs: timeMs.optional(),
  sessions: z.array(
    z.strictObject({
      id: z.string(),
      startedAtMs: timeMs,
      lastUsedAtMs: timeMs,
      /** Where it was last used from. */
      ip,
      newerSessions: z.int(),
      mfaPassedAtMs: timeMs.nullable(),
    }),
  ),
  keys: z.array(
    z.strictObject({
      id: z.string(),
      name: z.string(),
      createdAtMs: timeMs,
      scopes: z.array(z.string()).nullable(),
      ip,
    }),
  ),
});

/** A member of the tenant in context, and the ways they come in. */
export type Entrant = z.output<typeof entrantSchema>;

const PAGE = 500;

/** Members in pages, each once. */
export async function* readEntrants(port: StatementPort): AsyncGenerator<readonly Entrant[]> {
  let after: string | null = null;
  do {
    const { rows }: Awaited<ReturnType<StatementPort['query']>> = await port.query(
      'select id, entrant from bulkhead.policy_entrants($1, $2)',
      [after, String(PAGE)],
    );
    yield rows.map(({ entrant }) =>
      entrantSchema.parse(typeof entrant === 'string' ? JSON.parse(entrant) : entrant),
    );
    after = rows.length < PAGE ? null : String(rows.at(-1)?.id);
  } while (after !== null);
}
