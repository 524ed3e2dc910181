/** Cedar in WebAssembly: each user's grants as a policy set parsed before; entities are the resource and what is above. */
import { preparsePolicySet, statefulIsAuthorized } from '@cedar-policy/cedar-wasm/nodejs';

export const name = 'Cedar (wasm), policies parsed';

export async function prepare({ people, roles, permissions, resources, questions }) {
  for (const { id, grants } of people) {
    const staticPolicies = grants
      .map(
        ({ role, node }) =>
          `permit(principal, action in Action::"${role.key}", resource in Node::"${node}");`,
      )
      .join('\n');
    const parsed = preparsePolicySet(id, { staticPolicies });
    if (parsed.type !== 'success') throw new Error(JSON.stringify(parsed));
  }
  const uid = (type, id) => ({ type, id });
  const actions = new Map(
    permissions.map((permission) => [
      permission,
      {
        uid: uid('Action', permission),
        attrs: {},
        parents: roles
          .filter((r) => r.permissions.includes(permission))
          .map((r) => uid('Action', r.key)),
      },
    ]),
  );
  const chains = new Map(
    resources.map(({ id, path }) => [
      id,
      path.map((node, n) => ({
        uid: uid('Node', node),
        attrs: {},
        parents: n === 0 ? [] : [uid('Node', path[n - 1])],
      })),
    ]),
  );
  const may = ({ user, permission, node }) =>
    statefulIsAuthorized({
      principal: uid('User', people[user].id),
      action: uid('Action', permission),
      resource: uid('Node', node),
      context: {},
      preparsedPolicySetId: people[user].id,
      entities: [...chains.get(node), actions.get(permission)],
    }).response?.decision === 'allow';
  return {
    decide: (n) => may(questions[n]),
    run(from, to) {
      let yes = 0;
      for (let n = from; n < to; n += 1) if (may(questions[n])) yes += 1;
      return yes;
    },
  };
}
