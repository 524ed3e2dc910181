/** CASL, one ability a user, kept; resources are objects that carry their type and their path already. */
import { createMongoAbility, subject } from '@casl/ability';

export const name = 'CASL, ability kept';

export async function prepare({ people, resources, questions }) {
  const abilities = people.map(({ grants }) =>
    createMongoAbility(
      grants.flatMap(({ role, node }) =>
        role.permissions.map((permission) => {
          const [type, action] = permission.split(':');
          return { action, subject: type, conditions: { path: node } };
        }),
      ),
    ),
  );
  const objects = new Map(resources.map(({ id, type, path }) => [id, subject(type, { id, path })]));
  const asked = questions.map((q) => ({
    user: q.user,
    action: q.action,
    object: objects.get(q.node),
  }));
  return {
    decide: (n) => abilities[asked[n].user].can(asked[n].action, asked[n].object),
    run(from, to) {
      let yes = 0;
      for (let n = from; n < to; n += 1) {
        const { user, action, object } = asked[n];
        if (abilities[user].can(action, object)) yes += 1;
      }
      return yes;
    },
  };
}
