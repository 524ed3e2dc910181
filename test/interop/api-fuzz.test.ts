/** 20,000 requests made from the API's own description: valid, nearly valid and hostile, as ten people. */
import { expect, test } from 'vitest';
import { fuzzApi } from '../support/run-api-fuzz.ts';

const REQUESTS = 20_000;
/** FUZZ_SEED looks elsewhere. */
const SEED = 299_233;

test('no request of 20,000 finds a fault, another tenant’s byte or an answer off its schema', {
  timeout: 900_000,
}, async () => {
  const seed = Number(process.env.FUZZ_SEED ?? SEED);
  const { sent, reached, faults, byStatus } = await fuzzApi({ requests: REQUESTS, seed });
  console.log(`seed ${seed}: ${sent} requests, ${JSON.stringify(byStatus)}`);
  expect(faults, `seed ${seed}`).toEqual([]);
  expect(sent).toBeGreaterThanOrEqual(REQUESTS);
  // It is worth something only where it also gets through.
  expect(reached.length, reached.join(' ')).toBeGreaterThan(50);
});
