import { expect, test } from 'vitest';
import { protectUnderLoad } from './testdata/under-load.ts';

// Ten times as many: test/interop/protect-load.test.ts
test('100,000 rows come in while three writers work; none fails, every row has its tenant', {
  timeout: 90_000,
}, async () => {
  const result = await protectUnderLoad(100_000, 0);
  expect(result.failures).toEqual([]);
  expect(result.withoutTenant).toBe(0);
  expect(result.writes).toBeGreaterThan(50);
});
