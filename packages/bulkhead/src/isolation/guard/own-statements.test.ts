import { beforeAll, expect, test } from 'vitest';
import { createGuard, type Guard, loadGuard } from './index.ts';

const OWN = 'select bulkhead.audit_record(array[$1::uuid], array[$2::text], array[$3::text])';
let guard: Guard;
beforeAll(async () => {
  await loadGuard();
  guard = createGuard({ functions: [], relations: [], statements: [] }, { own: new Set([OWN]) });
});

test('a statement of Bulkhead’s own goes through by its whole text', () => {
  expect(guard.inspect(OWN)).toMatchObject({ allowed: true, isTransactionControl: false });
});

test.each([
  ['a blank more', `${OWN} `],
  ['a comment behind it', `${OWN} -- x`],
  ['another case', OWN.toUpperCase()],
  ['a statement behind it', `${OWN}; select 1`],
  ['it inside another', `select * from note where id in (${OWN})`],
  ['another function of the schema', OWN.replace('audit_record', 'audit_record_as')],
])('with %s it is refused like any other', (_what, sql) => {
  expect(guard.inspect(sql)).toMatchObject({ allowed: false });
});

test('a guard that was given none lets none through', () => {
  const plain = createGuard({ functions: [], relations: [], statements: [] });
  expect(plain.inspect(OWN)).toMatchObject({ allowed: false });
});
