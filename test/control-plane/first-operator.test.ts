/** From an empty installation to an operator who has seen the log verified: by the command line and HTTP alone. */
import { expect, it } from 'vitest';
import { createServingGround, PASSWORD, type Served, type SignedIn } from '#test/serving';

const WITHIN_MS = 20_000;
/** The prover reads and judges the whole schema, in a thread of its own. */
const PROVEN_WITHIN_MS = 90_000;

it('makes an operator, who signs in, has the log verified, calls a proof off and has one made', {
  timeout: 180_000,
}, async () => {
  const ground = await createServingGround([]);
  const added = await ground.command(['operator', 'add', 'operators-ada@notes.example']);
  expect(added).toMatchObject({ email: 'operators-ada@notes.example', role: 'owner' });
  // Where the console is reached is known: there they set their password.
  expect(added.link).toMatch(/\/console\/reset-password#bhr_/);
  const served = await ground.serve(['--worker']);
  const setPassword = () =>
    ground.ask(served, '/api/v1/password-resets/finish', {
      method: 'POST',
      body: { token: added.token, password: PASSWORD },
    });
  expect((await setPassword()).status).toBe(204);
  expect((await setPassword()).status).toBe(400);
  const as = await ground.signIn(served, 'operators-ada');
  const get = (path: string) => read(ground, served, path, as);
  expect(await get('/me')).toMatchObject({ plane: 'operator', tenant: null });
  expect(await get('/overview')).toMatchObject({ log: { whole: null, verifiedAt: null } });

  const post = (path: string) => read(ground, served, path, as, 'POST');
  const verification = await post('/audit/verifications');
  await expect
    .poll(async () => (await get(`/jobs/${verification.id}`)).status, { timeout: WITHIN_MS })
    .toBe('done');
  expect(await get('/overview')).toMatchObject({
    log: { whole: true, verifiedAt: expect.any(String), fault: null },
  });

  const proof = await post('/isolation/proofs');
  expect(await post('/isolation/proofs')).toMatchObject({ code: 'http.job_running' });
  expect(await get('/isolation')).toMatchObject({ running: true, proof: null });
  expect(await read(ground, served, `/jobs/${proof.id}`, as, 'DELETE')).toMatchObject({
    status: 'cancelled',
  });
  const actions = ['audit.verification_started', 'isolation.proof_started', 'job.cancelled'];
  const log = `/tenants/bulkhead-operators/events?${actions.map((of) => `action=${of}`).join('&')}`;
  await expect
    .poll(
      async () => ((await get(log)).items as { action: string }[]).map((e) => e.action).sort(),
      {
        timeout: WITHIN_MS,
      },
    )
    .toEqual(actions);

  const second = await post('/isolation/proofs');
  await expect
    .poll(async () => (await get(`/jobs/${second.id}`)).status, { timeout: PROVEN_WITHIN_MS })
    .toBe('done');
  const { running, proof: found } = await get('/isolation');
  expect(running).toBe(false);
  expect(found).toMatchObject({ role: 'test_app' });

  // Who is an operator already keeps what they have.
  const again = await ground.command(['operator', 'add', 'operators-ada@notes.example']);
  expect(again.id).toBe(added.id);
  expect(await get('/me')).toMatchObject({ plane: 'operator' });
});

async function read(
  ground: Awaited<ReturnType<typeof createServingGround>>,
  served: Served,
  path: string,
  as: SignedIn,
  method = 'GET',
): Promise<Record<string, unknown>> {
  const answer = await ground.ask(served, `/api/v1${path}`, { as, method });
  return (await answer.json()) as Record<string, unknown>;
}
