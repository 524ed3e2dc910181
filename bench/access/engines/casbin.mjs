/** casbin: roles within domains, a grant's node being the domain; the matcher compares the cheap part first. */
import { newEnforcer, newModelFromString } from 'casbin';

export const name = 'casbin, enforceSync';

const MODEL = `
[request_definition]
r = sub, obj, act
[policy_definition]
p = sub, act
[role_definition]
g = _, _, _
[policy_effect]
e = some(where (p.eft == allow))
[matchers]
m = r.act == p.act && heldOn(r.sub, p.sub, r.obj)
`;

export async function prepare({ people, roles, resources, questions }) {
  const enforcer = await newEnforcer(newModelFromString(MODEL));
  await enforcer.addPolicies(
    roles.flatMap(({ key, permissions }) => permissions.map((act) => [key, act])),
  );
  await enforcer.addGroupingPolicies(
    people.flatMap(({ id, grants }) => grants.map(({ role, node }) => [id, role.key, node])),
  );
  const paths = new Map(resources.map(({ id, path }) => [id, path]));
  const manager = enforcer.getRoleManager();
  enforcer.addFunction('heldOn', (user, role, node) =>
    paths.get(node).some((above) => manager.syncedHasLink(user, role, above)),
  );
  const may = ({ user, permission, node }) =>
    enforcer.enforceSync(people[user].id, node, permission);
  return {
    decide: (n) => may(questions[n]),
    run(from, to) {
      let yes = 0;
      for (let n = from; n < to; n += 1) if (may(questions[n])) yes += 1;
      return yes;
    },
  };
}
