/** better-auth's access control: roles of statements. It knows no nodes, so an app's own look-up finds the roles. */
import { createAccessControl } from 'better-auth/plugins/access';

export const name = 'better-auth access control';

export async function prepare({ people, roles, permissions, resources, questions }) {
  const statementsOf = (names) => {
    const statements = {};
    for (const permission of names) {
      const [type, action] = permission.split(':');
      statements[type] ??= [];
      statements[type].push(action);
    }
    return statements;
  };
  const control = createAccessControl(statementsOf(permissions));
  const made = new Map(
    roles.map(({ key, permissions }) => [key, control.newRole(statementsOf(permissions))]),
  );
  const held = people.map(({ grants }) => {
    const byNode = new Map();
    for (const { role, node } of grants)
      byNode.set(node, [...(byNode.get(node) ?? []), made.get(role.key)]);
    return byNode;
  });
  const paths = new Map(resources.map(({ id, path }) => [id, path]));
  const may = (user, type, action, node) => {
    const byNode = held[user];
    for (const above of paths.get(node)) {
      const roles = byNode.get(above);
      if (roles === undefined) continue;
      for (const role of roles) if (role.authorize({ [type]: [action] }).success) return true;
    }
    return false;
  };
  return {
    decide: (n) =>
      may(questions[n].user, questions[n].type, questions[n].action, questions[n].node),
    run(from, to) {
      let yes = 0;
      for (let n = from; n < to; n += 1) {
        const { user, type, action, node } = questions[n];
        if (may(user, type, action, node)) yes += 1;
      }
      return yes;
    },
  };
}
