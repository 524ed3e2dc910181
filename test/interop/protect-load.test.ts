/**
 * A size that customers have, written to all the while. How long the longest write took is printed, beside
 * the longest one of a few quiet seconds before; it is a measurement of this machine and so not asserted.
 */
import { expect, test } from 'vitest';
import { protectUnderLoad } from '../../packages/bulkhead/src/isolation/protect/testdata/under-load.ts';

const rows = Number(process.env.PROTECT_LOAD_ROWS ?? 1_000_000);

test(`${rows} rows come in while three writers work; none fails, every row has its tenant`, {
  timeout: 900_000,
}, async () => {
  const result = await protectUnderLoad(rows, 3_000);
  console.log(JSON.stringify(result));
  expect(result.failures).toEqual([]);
  expect(result.withoutTenant).toBe(0);
});
