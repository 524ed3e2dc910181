/** Asks the data what the catalog cannot say, before anything changes. Reads whole tables; locks nothing. */
import type { ClientBase } from 'pg';
import type { Plan, Probe, Refusal } from './plan.ts';

/** The plan, with a refusal for every probe that found rows. */
export async function probeData(client: ClientBase, plan: Plan): Promise<Plan> {
  const refusals: Refusal[] = [];
  for (const probe of plan.probes) {
    const result = await client.query<{ count: string }>(probe.sql);
    const count = Number(result.rows[0]?.count ?? 0);
    if (count > 0) refusals.push({ ...refusalOf(probe), message: probe.message(count) });
  }
  return refusals.length === 0
    ? plan
    : { ...plan, steps: [], refusals: [...plan.refusals, ...refusals] };
}

function refusalOf({ code, table, fix }: Probe): Omit<Refusal, 'message'> {
  return { code, table, fix };
}
