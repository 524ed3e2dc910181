/** One limit for all processes behind an address. */
import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { expect, it, onTestFinished } from 'vitest';
import { createTestDatabase } from '#test/database';
import { createRateLimiter } from './rate-limit.ts';

/** Fills by one in half a minute: nothing comes back while a test lasts. */
const LIMIT = 2;

async function processes() {
  const database = await createTestDatabase();
  const pool = new pg.Pool({ connectionString: database.operatorUrl, max: 2 });
  const admin = new pg.Client({ connectionString: database.superuserUrl });
  await admin.connect();
  onTestFinished(async () => {
    await pool.end();
    await admin.end();
    await database.drop();
  });
  const secret = randomBytes(32);
  const query = (text: string, values: unknown[]) => pool.query(text, values);
  const start = (ask: typeof query = query) => {
    const limiter = createRateLimiter({ query: ask, secret });
    onTestFinished(() => limiter.close());
    return limiter;
  };
  return { admin, pool, start };
}

it('counts what another process granted, and owes what both granted at the same moment', async () => {
  const { admin, start } = await processes();
  const [one, two] = [start(), start()];
  const of = (limiter: typeof one) => limiter.take('user:ada', LIMIT).allowed;
  expect([of(one), of(one), of(one)]).toEqual([true, true, false]);
  await one.share();
  // Nothing heard yet: it grants what it believes is there, and hears then.
  expect(of(two)).toBe(true);
  await two.share();
  expect(of(two)).toBe(false);
  const late = two.take('user:ada', LIMIT);
  expect(late.remaining).toBe(0);
  // One is owed and one is asked for, at one in thirty seconds.
  expect(late.retryAfterSeconds).toBeGreaterThan(30);
  expect(two.take('user:grace', LIMIT).allowed).toBe(true);
  const { rows } = await admin.query('select key from bulkhead.rate_bucket');
  expect(rows.map(({ key }) => key.length)).toEqual([16]);
});

it('counts for itself while the database is away, and tells it all afterwards', async () => {
  const { admin, pool, start } = await processes();
  let away = true;
  const limiter = start((text, values) =>
    away ? Promise.reject(new Error('away')) : pool.query(text, values),
  );
  expect(limiter.take('user:ada', LIMIT).allowed).toBe(true);
  await limiter.share();
  expect(limiter.take('user:ada', LIMIT).allowed).toBe(true);
  expect(limiter.take('user:ada', LIMIT).allowed).toBe(false);
  away = false;
  await limiter.share();
  const { rows } = await admin.query('select round(level)::int as level from bulkhead.rate_bucket');
  expect(rows).toEqual([{ level: 0 }]);
});
