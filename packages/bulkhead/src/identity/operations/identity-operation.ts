/** How this room's operations ask the database, and what its refusals become. */
import { accessErrors } from '../../access/errors.ts';
import { databaseRefusal } from '../../kernel/database-refusal.ts';
import type { StatementPort } from '../../kernel/operation.ts';
import { identityErrors } from '../errors.ts';

/** What operations run on. */
export interface IdentityPorts extends StatementPort {
  /** What keys begin with, `identity.apiKeys.prefix`. */
  readonly keyPrefix: string;
  /** The session of the request in hand, if it came by one. */
  sessionId(): string | undefined;
  /** The actor in context, as type and id. */
  actor(): { readonly type: string; readonly id: string };
  /** Told of the tenant in context after a change of who may do what. */
  changed(): void;
}

const catalogue = { ...accessErrors, ...identityErrors };

/**
 * The JSON of each row of one call.
 *
 * @throws what the function refuses with
 */
export async function ask(
  ports: StatementPort,
  text: string,
  values: unknown[],
): Promise<unknown[]> {
  try {
    const { rows } = await ports.query(text, values);
    return rows.map(({ json }) => (typeof json === 'string' ? JSON.parse(json) : json));
  } catch (error) {
    throw databaseRefusal(error, catalogue) ?? databaseRefusal(causeOf(error), catalogue) ?? error;
  }
}

/** @throws what the function refuses with */
export async function askOne(
  ports: StatementPort,
  text: string,
  values: unknown[],
): Promise<unknown> {
  const [json] = await ask(ports, text, values);
  return json ?? null;
}

/** One more row than a page holds says that there is another page. */
export function page<T extends { readonly id: string }>(
  rows: readonly T[],
  limit: number,
): { items: T[]; next: string | null } {
  const items = rows.slice(0, limit);
  return { items, next: rows.length > limit ? (items.at(-1)?.id ?? null) : null };
}

function causeOf(error: unknown): unknown {
  return error instanceof Error ? error.cause : undefined;
}
