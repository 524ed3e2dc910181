/** Claims to be somebody else: forged contexts, plain settings, other roles. */
import type { Attempt, Family, Ground } from '../attempt.ts';
import { ofAnother, targets, text } from './spell.ts';

const TARGETS_MAX = 6;

/** Sets the context by each means a statement has, then reads as if it had worked. */
function* claims(ground: Ground, setting: string, value: string): Generator<Attempt> {
  for (const target of targets(ground, TARGETS_MAX)) {
    const read = `select * from ${target.sql} t where ${ofAnother(ground, target)} limit 50`;
    const base = { object: target.sql, tell: 'rows' } as const;
    yield {
      ...base,
      steps: [`select set_config(${text(setting)}, ${text(value)}, false)`, read],
      mode: 'plain',
    };
    yield {
      ...base,
      steps: [`select set_config(${text(setting)}, ${text(value)}, true)`, read],
      mode: 'rolled back',
    };
    yield { ...base, steps: [`set local ${setting} = ${text(value)}`, read], mode: 'rolled back' };
    yield {
      ...base,
      steps: [
        `with c as materialized (select set_config(${text(setting)}, ${text(value)}, true)) select t.* from c, ${target.sql} t where ${ofAnother(ground, target)}`,
      ],
      mode: 'plain',
    };
  }
}

export const contexts: Family = {
  name: 'context forging',
  description:
    'Presents forged, expired, over-long, truncated and re-labelled contexts, and sets the settings that policies read.',
  *attempts(ground) {
    const swapped = `replace(current_setting('bulkhead.context', true), ${text(ground.attacker)}, ${text(ground.victim)})`;
    for (const target of targets(ground, TARGETS_MAX)) {
      const read = `select * from ${target.sql} t where ${ofAnother(ground, target)} limit 50`;
      yield {
        steps: [`select set_config('bulkhead.context', ${swapped}, true)`, read],
        object: target.sql,
        tell: 'rows',
        mode: 'rolled back',
      };
    }
    for (const value of ground.tokens.values()) yield* claims(ground, 'bulkhead.context', value);
    const words = [
      ground.victim,
      '',
      '*',
      'null',
      `${ground.victim}' or true --`,
      '00000000-0000-0000-0000-000000000000',
    ];
    for (const setting of ground.survey.contextSettings) {
      if (setting === 'bulkhead.context') continue;
      for (const word of words) yield* claims(ground, setting, word);
    }
    const usual = [
      'app.tenant_id',
      'app.current_tenant',
      'request.jwt.claims',
      'my.tenant',
      'rls.tenant_id',
    ];
    for (const setting of usual.filter((name) => !ground.survey.contextSettings.includes(name))) {
      const value =
        setting === 'request.jwt.claims'
          ? JSON.stringify({ tenant_id: ground.victim })
          : ground.victim;
      yield* claims(ground, setting, value);
    }
  },
};

export const roles: Family = {
  name: 'role switching',
  description:
    'Becomes other roles by SET ROLE, SET SESSION AUTHORIZATION, set_config and ALTER ROLE.',
  *attempts(ground) {
    const [target] = targets(ground, 1);
    const read =
      target === undefined
        ? 'select current_user'
        : `select * from ${target.sql} t where ${ofAnother(ground, target)} limit 50`;
    const after = { ...(target && { object: target.sql }), tell: 'rows', mode: 'plain' } as const;
    for (const role of [
      ...ground.survey.roles.slice(0, 40),
      'none',
      'pg_read_all_data',
      'pg_write_all_data',
    ]) {
      const name = role === 'none' ? role : `"${role.replaceAll('"', '""')}"`;
      yield { ...after, steps: [`set role ${name}`, read] };
      yield { ...after, steps: [`set session authorization ${name}`, read] };
      yield { ...after, steps: [`select set_config('role', ${text(role)}, false)`, read] };
      yield {
        ...after,
        steps: [`select set_config('session_authorization', ${text(role)}, false)`, read],
      };
      yield { steps: [`grant ${name} to current_user`, read], ...after, mode: 'rolled back' };
    }
    const self = `"${ground.survey.appRole.replaceAll('"', '""')}"`;
    for (const change of ['bypassrls', 'superuser', 'createrole']) {
      yield {
        steps: [`alter role ${self} ${change}`],
        object: `role ${ground.survey.appRole}`,
        tell: 'success',
        mode: 'rolled back',
      };
    }
  },
};
