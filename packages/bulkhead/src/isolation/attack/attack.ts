/**
 * Drives an app's protected pool, and a plain session as its role, with hostile and random statements under
 * one tenant, and reports every byte and every row of another's that they reach.
 *
 * Promises: what is reported was seen, with the statements that show it; statements that write run in
 * transactions that are rolled back. Does not promise that what it did not find is not there: it tries, it
 * does not prove. Timing and row estimates are not judged.
 */
import { isolationError } from '../errors.ts';
import type { AttackOptions } from './attack-options.ts';
import { Campaign } from './campaign.ts';
import type { Driver } from './drive/driver.ts';
import { PoolDriver } from './drive/pool-driver.ts';
import { RawDriver } from './drive/raw-driver.ts';
import { families as allFamilies } from './families/index.ts';
import { INTERLEAVING } from './interleave.ts';
import type { AttackReport } from './report.ts';
import { type Oracle, openOracle } from './survey/oracle.ts';

const TENANT_COLUMN = 'tenant_id';

/** The families' names and descriptions. */
export const attackFamilies: readonly { readonly name: string; readonly description: string }[] = [
  ...allFamilies.map(({ name, description }) => ({ name, description })),
  INTERLEAVING,
];

/**
 * @throws `kernel.database_unavailable`, `isolation.attack_unprepared`, `isolation.attack_blind`
 */
export async function attack(options: AttackOptions): Promise<AttackReport> {
  const startedAtMs = performance.now();
  const seed = options.seed ?? Math.floor(Math.random() * 2 ** 31);
  const raw = await RawDriver.open(options.appUrl);
  let oracle: Oracle | undefined;
  const drivers: Driver[] = [];
  try {
    oracle = await openOracle({
      adminUrl: options.adminUrl,
      appRole: await raw.role(),
      tenant: options.tenant,
      tenantColumn: options.tenantColumn ?? TENANT_COLUMN,
    });
    const { pool, asTenant } = options;
    const wanted = options.drivers ?? ['pool', 'raw'];
    if (wanted.includes('pool') && pool !== undefined && asTenant !== undefined) {
      drivers.push(new PoolDriver(pool, asTenant, oracle.attacker));
    }
    if (wanted.includes('raw')) drivers.push(raw);
    if (drivers.length === 0) {
      throw isolationError('isolation.attack_unprepared', {
        message: 'The pool driver needs a protected pool and asTenant.',
      });
    }
    const campaign = new Campaign(options, oracle, drivers, seed);
    const tallies = await campaign.run();
    const changes = await oracle.changes();
    const reports = tallies.map(({ report }) => report).filter(({ attempts }) => attempts > 0);
    const isHeld =
      changes.foreign.length === 0 && reports.every(({ findings }) => findings.length === 0);
    return {
      verdict: isHeld ? 'held' : 'leak',
      tenant: oracle.attacker,
      tenantsAttacked: oracle.victims.length,
      canaries: oracle.canaries.size,
      families: reports,
      attempts: reports.reduce((sum, { attempts }) => sum + attempts, 0),
      rowsChanged: changes.foreign,
      ownRowsChanged: changes.own,
      unjudged: oracle.unjudged,
      cutShort: campaign.cutShort,
      seed,
      durationMs: Math.round(performance.now() - startedAtMs),
    };
  } finally {
    for (const driver of drivers) await driver.close();
    await raw.close();
    await oracle?.close();
  }
}
