/** Calls everything the role may execute, with another tenant's ids where an argument would take one. */
import type { Attempt, Family, Ground } from '../attempt.ts';
import type { Callable } from '../survey/survey.ts';
import { targets, text, typed, victimIds } from './spell.ts';

const CALLS_PER_FUNCTION_MAX = 12;

/** Never called: they wait, end sessions, fill memory, or write outside of any transaction. */
const LEFT_ALONE =
  /^(pg_sleep.*|pg_terminate_backend|pg_cancel_backend|pg_advisory_lock.*|pg_advisory_xact_lock.*|generate_series.*|repeat|lpad|rpad|pg_reload_conf|pg_rotate_logfile.*|pg_switch_.*|pg_promote|pg_stat_reset.*|pg_stat_force.*|pg_create_.*|pg_drop_.*|pg_wal_.*|pg_backup_.*|pg_start_.*|pg_stop_.*|pg_log_.*|pg_replication_.*|pg_logical_.*|pg_import_.*|pg_export_snapshot|nextval|setval|lo_export|lo_import|pg_restore_.*|pg_clear_.*|pg_sync_.*|pg_copy_.*|brin_.*|gin_clean.*|pg_notify|pg_isolation_.*|binary_upgrade_.*|pg_wait.*)$/;

/** Values of a type that a curious caller would try, the most promising first. */
function guesses(ground: Ground, type: string): readonly string[] {
  const tables = targets(ground, 3);
  switch (type) {
    case 'uuid':
      return [...victimIds(ground, 4), ground.attacker].map((id) => `${text(id)}::uuid`);
    case 'text':
    case 'character varying':
    case 'name':
    case 'citext':
      return ['%', ground.victim, '', ...tables.map(({ name }) => name), `' or true --`].map(
        (word) => typed(word, type),
      );
    case 'regclass':
      return tables.map(({ sql }) => typed(sql, 'regclass'));
    case 'oid':
      return tables.map(({ sql }) => `${text(sql)}::regclass::oid`);
    case 'boolean':
      return ['true', 'false'];
    case 'json':
    case 'jsonb':
      return [typed(JSON.stringify({ tenant_id: ground.victim }), type), typed('{}', type)];
    case 'smallint':
    case 'integer':
    case 'bigint':
    case 'numeric':
    case 'real':
    case 'double precision':
      return ['100', '1', '0', '-1'].map((number) => typed(number, type));
    case 'date':
    case 'timestamp without time zone':
    case 'timestamp with time zone':
      return [`'-infinity'::${type}`, `now()::${type}`, `'infinity'::${type}`];
    case 'uuid[]':
      return [`array[${text(ground.victim)}]::uuid[]`];
    case 'text[]':
      return [`array[${text(ground.victim)}]`];
    default:
      return type.startsWith('any') ? [`${text(ground.victim)}::text`] : [`null::${type}`];
  }
}

function* callsOf(ground: Ground, callable: Callable, max: number): Generator<Attempt> {
  const lists = callable.arguments.map((type) => guesses(ground, type));
  if (lists.some(({ length }) => length === 0)) return;
  const seen = new Set<string>();
  for (let round = 0; round < max * 2 && seen.size < max; round += 1) {
    const chosen = lists.map((list) =>
      round < max ? (list[round % list.length] ?? 'null') : (ground.random.pickAny(list) ?? 'null'),
    );
    const call = `${callable.sql}(${chosen.join(', ')})`;
    if (seen.has(call)) continue;
    seen.add(call);
    const object = callable.isSystem
      ? undefined
      : `${callable.sql}(${callable.arguments.join(', ')})`;
    const step = callable.kind === 'p' ? `call ${call}` : `select * from ${call} limit 300`;
    yield {
      steps: [step],
      mode: 'rolled back',
      echoes: callable.isSystem,
      ...(object && { object }),
    };
  }
}

export const functions: Family = {
  name: 'function abuse',
  description:
    'Calls every function and procedure of the app with another tenant’s ids and with wild cards.',
  *attempts(ground) {
    for (const callable of ground.survey.functions) {
      if (!callable.isSystem) yield* callsOf(ground, callable, CALLS_PER_FUNCTION_MAX);
    }
  },
};

export const systemFunctions: Family = {
  name: 'built-in functions',
  description:
    'Calls every built-in function that the role may execute once, pointed at another tenant’s tables and ids.',
  *attempts(ground) {
    const safe = ground.survey.functions.filter(
      ({ isSystem, name, arguments: types }) =>
        isSystem &&
        !LEFT_ALONE.test(name) &&
        types.some((type) => /^(text|name|oid|regclass|uuid|refcursor|any.*|bytea)$/.test(type)),
    );
    for (const callable of ground.random.shuffle(safe)) yield* callsOf(ground, callable, 1);
    for (const callable of ground.survey.functions) {
      if (callable.isSystem && callable.arguments.length === 0 && !LEFT_ALONE.test(callable.name)) {
        yield* callsOf(ground, callable, 1);
      }
    }
  },
};
