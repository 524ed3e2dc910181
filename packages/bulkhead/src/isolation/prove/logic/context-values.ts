/**
 * What settings, claims and role names are worth: the context's own, the attacker's, or a constant.
 *
 * Promises: only settings that the convention trusts carry the context; any other custom setting holds
 * whatever the attacker put there with `set_config`.
 */
import { checksSignature, isGenuine } from '../genuine-context.ts';
import type { Environment } from './environment.ts';
import { findRoutines } from './search-path.ts';
import { constant, NULL_VALUE, only, opaque, type Possible, type Value } from './value.ts';

/** `current_setting(name, missing_ok)`. */
export function settingValue(env: Environment, name: string, missingOk: boolean): Possible {
  const { world, scenario } = env.session;
  const setting = name.toLowerCase();
  const override = overrideOf(env, setting);
  if (override !== undefined) return override;
  if (setting === 'role') return constant(world.surface.role.name);
  if (setting === 'is_superuser') return constant('off');
  if (!setting.includes('.')) {
    return only({ kind: 'free', identity: setting, type: 'text', colour: null, nullable: false });
  }
  if (!isTrusted(env, setting)) {
    const from = world.catalog.server.roleSettings.find(
      (s) => s.name.toLowerCase() === setting && s.role === world.surface.role.oid,
    );
    // A default of the role is only a default: SET overrides it.
    const identity =
      from === undefined ? `the setting ${setting}` : `the setting ${setting}, set per role`;
    return only({ kind: 'chosen', identity, colour: null, type: 'text' });
  }
  if (scenario === 'absent') return missingOk ? NULL_VALUE : [];
  if (scenario === 'empty') return constant('');
  if (
    /^request\.jwt\.claims?$/.test(setting) ||
    (setting === world.convention.setting?.toLowerCase() && world.convention.claimPath.length > 0)
  ) {
    return only({ kind: 'claims', setting, path: [] });
  }
  if (setting === 'request.jwt.claim.role') return constant(world.surface.role.name);
  return contextValue(env, setting);
}

function overrideOf(env: Environment, setting: string): Possible | undefined {
  for (const [name, value] of env.routine?.config ?? []) {
    if (name.toLowerCase() === setting) return constant(value);
  }
  for (let scope = env.scope; scope !== null; scope = scope.parent) {
    const set = scope.variables.get(`set ${setting}`);
    if (set !== undefined) return set;
  }
  return env.settings.get(setting);
}

/** A setting of the context's, set by what is being run; any other is the attacker's anyway. */
export function setSetting(env: Environment, setting: string, value: Possible): void {
  if (!isTrusted(env, setting) || env.scope === null) return;
  let outermost = env.scope;
  while (outermost.parent !== null) outermost = outermost.parent;
  // Scopes are read only but for this.
  (outermost.variables as Map<string, Possible>).set(`set ${setting}`, value);
}

export function isTrusted(env: Environment, setting: string): boolean {
  const { convention } = env.session.world;
  if (convention.trustedSettings.some((trusted) => trusted.toLowerCase() === setting)) return true;
  return convention.kind === 'jwt-claims' && setting.startsWith('request.jwt.');
}

export function contextValue(env: Environment, identity: string): Possible {
  const { scenario, world } = env.session;
  if (scenario !== 'present') return NULL_VALUE;
  const type = world.convention.tenantType;
  return only({ kind: 'coloured', colour: 'B', identity, type, context: true });
}

/** A claim as a plain value. What users may edit about themselves is theirs to choose. */
export function claimValue(env: Environment, path: readonly string[]): Possible {
  const [first] = path;
  const whole = path.join('.');
  if (/^(raw_)?user_meta_?data$/.test(first ?? '')) {
    return only({
      kind: 'chosen',
      identity: `the claim ${whole}, which users edit themselves`,
      colour: null,
      type: 'text',
    });
  }
  if (whole === 'role') return constant(env.session.world.surface.role.name);
  if (first === 'aal' || first === 'amr' || first === 'is_anonymous') {
    return only({
      kind: 'free',
      identity: `the claim ${whole}`,
      type: 'text',
      colour: null,
      nullable: false,
    });
  }
  return contextValue(env, `the claim ${whole}`);
}

/** JSON claims become the value they hold; everything else stays. */
export function scalar(env: Environment, possible: Possible): Possible {
  if (!possible.some((a) => a.value.kind === 'claims')) return possible;
  return possible.flatMap((a) => (a.value.kind === 'claims' ? claimValue(env, a.value.path) : [a]));
}

/** `auth.uid()` and friends, known by name because their bodies may be out of sight. */
export function wellKnownCall(
  env: Environment,
  schema: string,
  name: string,
): Possible | undefined {
  const { convention } = env.session.world;
  if (schema === 'bulkhead' && (name === 'tenant_id' || name === 'actor'))
    return signedValue(env, name);
  if (schema !== 'auth' || !trustsClaims(convention.kind, convention.trustedSettings))
    return undefined;
  const absent = env.session.scenario !== 'present';
  if (name === 'uid' || name === 'email') return contextValue(env, `auth.${name}()`);
  if (name === 'jwt') {
    return absent ? NULL_VALUE : only({ kind: 'claims', setting: 'request.jwt.claims', path: [] });
  }
  if (name === 'role') return absent ? NULL_VALUE : constant(env.session.world.surface.role.name);
  return undefined;
}

/** The verified context; undefined for a look-alike, which is read like any other function. */
function signedValue(env: Environment, name: string): Possible | undefined {
  const signature = `bulkhead.${name}()`;
  const [routine] = findRoutines(env, 'bulkhead', name, 0);
  if (routine === undefined) return undefined;
  if (isGenuine(routine)) return contextValue(env, signature);
  return checksSignature(routine)
    ? opaque(`${signature}, which is not the one that Bulkhead installs`)
    : undefined;
}

const trustsClaims = (kind: string, trusted: readonly string[]): boolean =>
  kind === 'jwt-claims' || trusted.some((name) => name.startsWith('request.jwt.'));

/** `current_user`, or `session_user`. */
export function userValue(env: Environment, which: 'current' | 'session'): Possible {
  const { world } = env.session;
  const app = world.surface.role;
  if (which === 'session') return app.canLogin ? own(env, app.name) : SOME_LOGIN;
  const running = world.catalog.roles.get(env.user);
  if (running === undefined) return SOME_LOGIN;
  return running.oid === app.oid ? own(env, running.name) : constant(running.name);
}

const SOME_LOGIN: Possible = only({
  kind: 'free',
  identity: 'the login role',
  type: 'text',
  colour: null,
  nullable: false,
});

/** Where every tenant has a role of its own, that role is the context. */
function own(env: Environment, name: string): Possible {
  if (env.session.world.convention.kind !== 'current-user') return constant(name);
  const value: Value = {
    kind: 'coloured',
    colour: 'B',
    identity: `current_user=${name}`,
    type: 'text',
    context: true,
  };
  return only(value);
}
