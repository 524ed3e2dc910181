/** The product's authorizer over a real database: contexts as the gate makes them, loaded as the gate loads them. */
import { openGround } from '../ground.mjs';

export const name = 'Bulkhead';

export async function prepare(scenario) {
  const { questions, people, tenant } = scenario;
  const ground = await openGround();
  await ground.store(scenario);
  const { authorizer } = ground;
  const contexts = people.map(({ id }) => ground.contextOf(tenant, id));
  const startedMs = performance.now();
  // The first one brings the tree for all.
  for (const context of contexts) await authorizer.preload(context);
  // Kept for each user, as the peers' abilities are.
  const checkers = contexts.map((context) => authorizer.checker(context));
  const loadMs = (performance.now() - startedMs) / contexts.length;
  return {
    loadMs,
    /** Listens as an app does; between slots, so that nothing is too old. */
    async refresh() {
      for (const context of contexts) await authorizer.preload(context);
    },
    decide: (n) => checkers[questions[n].user].can(questions[n].permission, questions[n].node),
    run(from, to) {
      let yes = 0;
      for (let n = from; n < to; n += 1) {
        const { user, permission, node } = questions[n];
        if (checkers[user].can(permission, node)) yes += 1;
      }
      return yes;
    },
    variants: {
      /** Each user's request entered once, ten questions in it: what a handler pays, `AsyncLocalStorage` included. */
      'in requests of ten questions': (from, to) => {
        let yes = 0;
        for (let n = from; n < to; n += 10) {
          const end = Math.min(n + 10, to);
          yes += ground.within(contexts[questions[n].user], () => {
            let inner = 0;
            for (let m = n; m < end; m += 1) {
              if (authorizer.can(questions[m].permission, questions[m].node)) inner += 1;
            }
            return inner;
          });
        }
        return yes;
      },
    },
    close: () => ground.close(),
  };
}
