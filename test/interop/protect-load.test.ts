/** The size a customer has: five million rows, written to all the while. */
import { expect, test } from 'vitest';
import { protectUnderLoad } from '../../packages/bulkhead/src/isolation/protect/testdata/under-load.ts';

test('5,000,000 rows come in and no writer waits as long as 200 ms', {
  timeout: 400_000,
}, async () => {
  const result = await protectUnderLoad(5_000_000);
  console.log(JSON.stringify(result));
  expect(result.failures).toEqual([]);
  expect(result.withoutTenant).toBe(0);
  expect(result.longestWriteMs).toBeLessThan(200);
});
