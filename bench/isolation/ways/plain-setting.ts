/**
 * What the signature costs: Bulkhead's own pool, guard and frame, but the setting holds a bare tenant id and
 * the policy believes it. The product has no such mode; here it is put together from the product's classes
 * with a signer that does not sign.
 */
import { createGuard } from '#bulkhead/isolation/guard/index.js';
import { Admission } from '#bulkhead/isolation/pool/admission.js';
import { ScopedPool } from '#bulkhead/isolation/pool/scoped-pool.js';
import { SeenStatements } from '#bulkhead/isolation/pool/scoped-session.js';
import type { ContextSigner } from '#bulkhead/isolation/signed-context.js';
import { poolConfig, type Way, type WayOptions } from '../way.ts';
import { queriesOn } from './bulkhead.ts';

const notSigning: ContextSigner = {
  sign: (context, nowMs) => ({ token: context.tenant.id, renewAtMs: nowMs + 150_000 }),
};

export function openPlainSetting(
  options: WayOptions,
  way: Pick<Way, 'key' | 'label' | 'oneTenant'> & { readonly inFlightMax: number },
): Way {
  const guard = createGuard({ functions: [], relations: [], statements: [] });
  const pool = new ScopedPool(poolConfig(options), {
    admission: new Admission(guard, notSigning),
    seen: new SeenStatements(),
    searchPath: '"public",pg_temp',
    riding: new Set(),
    prepare: true,
    pooler: options.pooled ? 'transaction' : 'detect',
    role: 'app',
    inFlightMax: way.inFlightMax,
    operatorPool: () => {
      throw new Error('the bench has no operators');
    },
  });
  return { ...queriesOn(pool, '_plain'), ...way, close: () => pool.end() };
}
