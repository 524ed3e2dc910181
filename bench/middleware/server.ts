/** One app in a process of its own: `fork('server.js')`, then a message that says which. */

import pg from 'pg';
import { createBulkhead } from '#bulkhead';
import { answerOf, type Work } from './apps/answer.ts';
import { frameworks } from './framework.ts';

/** What the parent sends first. */
export interface ServerOrder {
  readonly framework: string;
  readonly work: Work;
  readonly guarded: boolean;
  readonly appUrl: string;
  readonly contextKey: string;
  readonly issuer: string;
  readonly audience: string;
  readonly publicKey: string;
}

function bulkheadOf({ appUrl, contextKey, issuer, audience, publicKey }: ServerOrder) {
  const bulkhead = createBulkhead({
    database: { appRole: 'bench_app' },
    isolation: { contextKeys: [contextKey] },
    identity: {
      tenantFrom: [{ from: 'header', name: 'x-tenant' }],
      jwt: [
        {
          issuer,
          audience,
          publicKeys: [publicKey],
          algorithms: ['ES256'],
          tenantClaim: 'tenants',
        },
      ],
    },
  });
  // The directory of tenants is read through the app's pool.
  bulkhead.protect(new pg.Pool({ connectionString: appUrl, max: 2 }));
  return bulkhead;
}

async function serve(order: ServerOrder): Promise<void> {
  const start = frameworks[order.framework];
  if (start === undefined) throw new Error(`no framework ${order.framework}`);
  const { port } = await start(
    order.guarded ? bulkheadOf(order) : undefined,
    await answerOf(order.work, order.appUrl),
  );
  process.send?.({ port });
}

process.once('message', (order: ServerOrder) => serve(order));
process.on('disconnect', () => process.exit());
