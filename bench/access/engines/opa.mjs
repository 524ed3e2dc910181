/**
 * OPA in WebAssembly, its data loaded once. The policy is compiled by the `opa` that scripts/interop.sh builds, or
 * by one on the path; without either OPA is reported as skipped.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import opaWasm from '@open-policy-agent/opa-wasm';

export const name = 'OPA (wasm)';

export async function prepare({ people, roles, resources, questions }) {
  const policy = await opaWasm.loadPolicy(compile(), { initial: 200, maximum: 4_000 });
  policy.setData({
    grants: Object.fromEntries(
      people.map(({ id, grants }) => {
        const byNode = {};
        for (const { role, node } of grants) {
          byNode[node] ??= [];
          byNode[node].push(role.key);
        }
        return [id, byNode];
      }),
    ),
    roles: Object.fromEntries(
      roles.map(({ key, permissions }) => [
        key,
        Object.fromEntries(permissions.map((p) => [p, true])),
      ]),
    ),
    paths: Object.fromEntries(resources.map(({ id, path }) => [id, path])),
  });
  const may = ({ user, permission, node }) =>
    policy.evaluate({ user: people[user].id, permission, node })[0].result === true;
  return {
    decide: (n) => may(questions[n]),
    run(from, to) {
      let yes = 0;
      for (let n = from; n < to; n += 1) if (may(questions[n])) yes += 1;
      return yes;
    },
  };
}

/** @throws where there is no `opa`. */
function compile() {
  const own = join(import.meta.dirname, '../../../.cache/interop/opa');
  const opa = existsSync(own) ? own : 'opa';
  const cache = join(import.meta.dirname, '../../.cache');
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(join(cache, 'opa-'));
  try {
    const bundle = join(folder, 'bundle.tar.gz');
    const rego = join(import.meta.dirname, 'decide.rego');
    const built = spawnSync(opa, ['build', '-t', 'wasm', '-e', 'decide/allow', rego, '-o', bundle]);
    if (built.error !== undefined) throw new Error('no opa: run scripts/interop.sh opa');
    if (built.status !== 0) throw new Error(String(built.stderr));
    spawnSync('tar', ['-xzf', bundle, '-C', folder]);
    return readFileSync(join(folder, 'policy.wasm'));
  } finally {
    rmSync(folder, { recursive: true });
  }
}
