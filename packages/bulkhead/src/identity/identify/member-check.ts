/**
 * Whether somebody whom a token vouches for is an active member of the tenant as well.
 *
 * Promises: an answer is never older than a second; one question at a time for an actor in a tenant.
 */
import { runInContext, type TenantContext } from '../../isolation/index.ts';
import { BoundedCache } from '../bounded-cache.ts';
import type { QueryPort } from '../tenant-lookup.ts';
import { lookUp } from './look-up.ts';

const TRUSTED_MS = 1_000;
const ENTRIES_MAX = 20_000;
const ACTIVE = `select 1 from bulkhead.membership m
  where m.tenant_id = (select bulkhead.tenant_id()) and m.type = $1 and m.id = $2 and m.status = 'active'`;

/** @param db runs a statement in the caller's context */
export function createMemberCheck(
  db: QueryPort,
  nowMs: () => number = Date.now,
): (context: TenantContext) => boolean | Promise<boolean> {
  const known = new BoundedCache<{ readonly active: boolean; readonly askedAtMs: number }>(
    ENTRIES_MAX,
  );
  const underway = new Map<string, Promise<boolean>>();

  async function ask(key: string, context: TenantContext): Promise<boolean> {
    const askedAtMs = nowMs();
    const { type, id } = context.actor;
    try {
      const { rows } = await lookUp(() =>
        runInContext(context, () => db.query(ACTIVE, [type, id])),
      );
      const active = rows.length > 0;
      known.set(key, { active, askedAtMs });
      return active;
    } finally {
      underway.delete(key);
    }
  }

  return (context) => {
    const key = `${context.tenant.id} ${context.actor.type}:${context.actor.id}`;
    const at = known.get(key);
    const ageMs = at === undefined ? TRUSTED_MS : nowMs() - at.askedAtMs;
    // A clock that was set back makes the age negative; then nothing is known about it.
    if (at !== undefined && ageMs >= 0 && ageMs < TRUSTED_MS) return at.active;
    let asking = underway.get(key);
    if (asking === undefined) {
      asking = ask(key, context);
      underway.set(key, asking);
    }
    return asking;
  };
}
