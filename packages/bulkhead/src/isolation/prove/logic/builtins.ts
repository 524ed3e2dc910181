/**
 * What PostgreSQL's own functions do to values, as far as tenants go.
 *
 * Promises: undefined for a name that is not the server's; for one that is but is not known here, an
 * opaque value.
 */
import { UUID_LENGTH } from './cast.ts';
import { equal, isNull, overEach } from './compare.ts';
import { scalar, setSetting, settingValue, userValue } from './context-values.ts';
import { runDynamic } from './dynamic-sql.ts';
import type { Environment } from './environment.ts';
import { evaluate } from './expression.ts';
import { concatenate } from './operators.ts';
import { type Chance, either, FALSE, most, type Outcome, TRUE, undecided } from './outcome.ts';
import { rolesOf } from './role-rights.ts';
import {
  capAll,
  constant,
  foreignChance,
  join,
  NULL_VALUE,
  only,
  opaque,
  type Piece,
  type Possible,
  truth,
  type Value,
} from './value.ts';

/** Keep different values apart: what goes in different comes out different. */
const FAITHFUL = new Set(
  `md5 sha224 sha256 sha384 sha512 digest hmac encode decode convert_to convert_from quote_literal quote_ident
   quote_nullable to_jsonb to_json uuid_in textin to_char reverse`.split(/\s+/),
);
/** Keep ids apart that hold no case, blanks or order of their own (uuids), and blur other text. */
const FOLDING = new Set(
  'lower upper initcap trim btrim ltrim rtrim unaccent replace translate regexp_replace lpad rpad casefold normalize'.split(
    ' ',
  ),
);
const LOSSY = new Set(
  'left right substr substring split_part hashtext hashtextextended abs mod length char_length octet_length ascii round trunc floor ceil date_trunc overlay to_number crc32 width_bucket uuid_extract_version'.split(
    ' ',
  ),
);
/** Made of what goes in, and nothing else: of interest only for whose values those are. */
const DERIVED = new Set(
  `ts_rank ts_rank_cd ts_headline to_tsvector to_tsquery plainto_tsquery phraseto_tsquery websearch_to_tsquery
   setweight strip similarity word_similarity strict_word_similarity array_length cardinality jsonb_array_length
   json_array_length jsonb_typeof json_typeof jsonb_pretty jsonb_set jsonb_strip_nulls json_strip_nulls
   jsonb_object_keys json_object_keys repeat chr to_hex sqrt power ln log exp sign div date_bin justify_hours
   justify_days justify_interval make_timestamp make_timestamptz isfinite bit_length jsonb_object jsonb_insert
   regexp_matches regexp_match regexp_count regexp_instr regexp_substr format_type pg_size_pretty numrange
   host abbrev masklen set_masklen network hostmask netmask broadcast family inet_merge timezone daterange tstzrange tsrange int4range int8range lower_inc upper_inc isempty lower_inf upper_inf`.split(
    /\s+/,
  ),
);
const FREE = new Set(
  `now clock_timestamp statement_timestamp transaction_timestamp timeofday random gen_random_uuid uuid_generate_v4
   uuidv4 uuidv7 nextval currval lastval txid_current pg_backend_pid inet_client_addr inet_server_addr version
   current_database current_schema pg_is_in_recovery extract date_part age make_interval to_timestamp pg_trigger_depth
   current_query pg_current_xact_id to_date make_date localtime`.split(/\s+/),
);

export function builtin(
  env: Environment,
  name: string,
  args: readonly unknown[],
): Possible | undefined {
  const at = (index: number): Possible => scalar(env, evaluate(env, args[index]));
  switch (name) {
    case 'current_setting':
      return setting(env, at(0), args.length > 1 ? at(1) : constant('false'));
    case 'set_config':
      return setConfig(env, at(0), at(1));
    case 'concat':
      return concatenate(args.map((_, index) => withoutNull(at(index))));
    case 'concat_ws':
      return concatenate(args.slice(1).map((_, index) => withoutNull(at(index + 1))));
    case 'format':
      return format(args.map((_, index) => at(index)));
    case 'quote_literal':
    case 'quote_nullable':
      return only({ kind: 'text', pieces: [{ how: 'literal', text: '', value: at(0) }] });
    case 'quote_ident':
      return only({ kind: 'text', pieces: [{ how: 'identifier', text: '', value: at(0) }] });
    case 'string_to_array':
    case 'regexp_split_to_array':
      return list(at(0));
    case 'array_position':
      return placed(equal(elements(at(0)), at(1)));
    case 'array_positions':
      return hit(equal(elements(at(0)), at(1)));
    case 'array_remove':
    case 'array_append':
    case 'array_prepend':
      return at(name === 'array_prepend' ? 1 : 0);
    case 'jsonb_exists':
    case 'json_exists':
      return truth(equal(elements(at(0)), at(1)));
    case 'jsonb_array_elements_text':
    case 'json_array_elements_text':
    case 'jsonb_array_elements':
    case 'unnest':
      return elements(at(0));
    case 'jsonb_extract_path_text':
    case 'jsonb_extract_path':
    case 'json_extract_path_text':
      return path(
        env,
        evaluate(env, args[0]),
        args.slice(1).map((_, index) => at(index + 1)),
      );
    case 'position':
    case 'strpos':
      return hit(part(at(0), at(1)));
    case 'starts_with':
      return truth(part(at(0), at(1)));
    case 'like':
    case 'regexp_like':
    case 'textlike':
      return truth(either('a pattern matches parts of values'));
    case 'num_nulls':
      return hit(overEach(at(0), isNull));
    case 'uuideq':
    case 'texteq':
    case 'int4eq':
    case 'int8eq':
      return truth(equal(at(0), at(1)));
    case 'pg_has_role':
      return truth(
        hasRole(
          env,
          args.map((_, index) => at(index)),
        ),
      );
    case 'has_table_privilege':
    case 'has_schema_privilege':
    case 'has_column_privilege':
    case 'row_security_active':
      return truth(undecided(`what ${name} answers`));
    case 'pg_get_userbyid':
    case 'getpgusername':
    case 'current_user':
      return userValue(env, 'current');
    case 'session_user':
      return userValue(env, 'session');
    case 'coalesce':
    case 'greatest':
    case 'least':
      return join(...args.map((_, index) => at(index)));
    case 'query_to_xml':
    case 'query_to_xml_and_xmlschema':
    case 'ts_stat':
      return gather(runDynamic(env, at(0), []).flatMap((row) => [...row.columns.values()]));
    case 'pg_sleep':
      return NULL_VALUE;
    case 'jsonb_build_object':
    case 'json_build_object':
    case 'row_to_json':
    case 'jsonb_agg':
    case 'json_agg':
    case 'array_to_json':
    case 'array_to_string':
    case 'string_agg':
      return gather(args.map((_, index) => at(index)));
    default:
      break;
  }
  if (FREE.has(name)) {
    return only({
      kind: 'free',
      identity: `${name}()`,
      type: 'text',
      colour: null,
      nullable: false,
    });
  }
  // In a policy the answer itself would matter.
  if (DERIVED.has(name) && env.effects !== null)
    return derived(
      name,
      args.map((_, index) => at(index)),
    );
  if (FAITHFUL.has(name)) return at(0);
  if (FOLDING.has(name)) return at(0).map((a) => ({ ...a, value: fold(name, a.value, true) }));
  if ((name === 'left' || name === 'right') && leavesWhole(at(0), at(1))) return at(0);
  if (LOSSY.has(name)) return at(0).map((a) => ({ ...a, value: fold(name, a.value, false) }));
  return undefined;
}

/** Of a uuid's text nothing is cut off. */
const leavesWhole = (value: Possible, length: Possible): boolean =>
  value.every((a) => a.value.kind === 'coloured' && a.value.type === 'uuid') &&
  length.every((a) => a.value.kind === 'constant' && Number(a.value.text) >= UUID_LENGTH);

const withoutNull = (possible: Possible): Possible =>
  possible.map((a) =>
    a.value.kind === 'null' ? { ...a, value: { kind: 'constant', text: '' } } : a,
  );

function setting(env: Environment, names: Possible, missingOk: Possible): Possible {
  const first = names.length === 1 ? names[0]?.value : undefined;
  if (first?.kind !== 'constant')
    return only({ kind: 'chosen', identity: 'a setting', colour: null, type: 'text' });
  const ok = missingOk[0]?.value;
  const lenient =
    ok?.kind === 'truth' ? ok.outcome.t > 0 : ok?.kind === 'constant' && /^t/i.test(ok.text);
  return settingValue(env, first.text, lenient);
}

/** What a function sets for what comes after. */
function setConfig(env: Environment, names: Possible, value: Possible): Possible {
  const first = names.length === 1 ? names[0]?.value : undefined;
  if (first?.kind === 'constant') setSetting(env, first.text.toLowerCase(), value);
  return value;
}

function list(possible: Possible): Possible {
  return possible.map((a): { value: Value; chance: 0 | 1 | 2 } => {
    if (a.value.kind === 'null') return a;
    if (a.value.kind === 'constant') {
      const items = a.value.text === '' ? [] : a.value.text.split(',');
      return {
        ...a,
        value: {
          kind: 'array',
          elements: items.map((text) => ({ value: { kind: 'constant', text }, chance: 2 })),
        },
      };
    }
    return { ...a, value: { kind: 'array', elements: [{ value: a.value, chance: 2 }] } };
  });
}

const elements = (possible: Possible): Possible =>
  join(...possible.map((a): Possible => (a.value.kind === 'array' ? a.value.elements : [a])));

/** A position: null or 0 where nothing was found. */
const hit = (outcome: Outcome): Possible =>
  join(
    [{ value: { kind: 'count', any: outcome }, chance: 2 }],
    outcome.f > 0 || outcome.n > 0 ? [] : [],
  );

/** `array_position`: null where nothing was found. */
const placed = (outcome: Outcome): Possible => {
  const found = { ...TRUE, foreign: outcome.foreign, because: outcome.because };
  const place: Possible = only({ kind: 'count', any: found });
  return join(
    outcome.t === 0 ? [] : capAll(place, outcome.t),
    outcome.f === 0 && outcome.n === 0 ? [] : capAll(NULL_VALUE, most(outcome.f, outcome.n)),
  );
};

/** Does one text hold the other? Whole uuids only if they are equal. */
function part(haystack: Possible, needle: Possible): Outcome {
  const fixed = (possible: Possible): boolean =>
    possible.every((a) => a.value.kind === 'coloured' && a.value.type === 'uuid');
  if (fixed(haystack) && fixed(needle)) return equal(haystack, needle);
  if (haystack.length === 0 || needle.length === 0) return { ...FALSE, f: 0 };
  if ([...haystack, ...needle].every((a) => a.value.kind === 'null'))
    return { ...FALSE, f: 0, n: 2 };
  if (haystack.every((a) => a.value.kind === 'constant' && a.value.text === '')) return FALSE;
  return either('one text being part of another does not make them equal');
}

function fold(by: string, value: Value, uuidSafe: boolean): Value {
  if (value.kind === 'coloured') {
    if (uuidSafe && (value.type === 'uuid' || /^(int|bigint|integer)/.test(value.type)))
      return value;
    return { kind: 'blurred', by: `${by}()`, identity: value.identity, colour: value.colour };
  }
  if (value.kind === 'free') return { ...value, identity: `${by}(${value.identity})` };
  if (value.kind === 'constant') {
    if (by === 'lower') return { kind: 'constant', text: value.text.toLowerCase() };
    if (by === 'upper') return { kind: 'constant', text: value.text.toUpperCase() };
    if (/^(l|r|b)?trim$/.test(by)) return { kind: 'constant', text: value.text.trim() };
    if (value.text === '') return value;
    return { kind: 'opaque', doubt: `what ${by}() makes of a constant` };
  }
  if (value.kind === 'truth' || value.kind === 'array' || value.kind === 'record') {
    return { kind: 'opaque', doubt: `the function ${by}()` };
  }
  return value;
}

function path(env: Environment, document: Possible, steps: readonly Possible[]): Possible {
  const keys = steps.map((step) => (step[0]?.value.kind === 'constant' ? step[0].value.text : '?'));
  return document.flatMap((a): Possible => {
    if (a.value.kind === 'claims')
      return [{ ...a, value: { ...a.value, path: [...a.value.path, ...keys] } }];
    if (a.value.kind === 'null') return NULL_VALUE;
    if (a.value.kind === 'free')
      return [
        {
          ...a,
          value: { ...a.value, identity: `${a.value.identity}.${keys.join('.')}`, nullable: true },
        },
      ];
    return scalar(env, opaque('a part of a JSON document'));
  });
}

function hasRole(env: Environment, args: readonly Possible[]): Outcome {
  const { world } = env.session;
  const nameAt = (possible: Possible | undefined): string | undefined => {
    const value = possible?.[0]?.value;
    return value?.kind === 'constant' ? value.text : undefined;
  };
  const role = nameAt(args.length > 2 ? args[1] : args[0]);
  const found = [...world.catalog.roles.values()].find((candidate) => candidate.name === role);
  if (found === undefined) return role === undefined ? undecided('which role is asked for') : FALSE;
  const { surface } = world;
  return rolesOf(world, surface.role.oid).has(found.oid) || surface.settable.has(found.oid)
    ? TRUE
    : FALSE;
}

/** `format`: what each `%` puts in, and how it is quoted. */
function format(args: readonly Possible[]): Possible {
  const template = args[0]?.length === 1 ? args[0][0]?.value : undefined;
  if (template?.kind !== 'constant') return concatenate(args);
  const pieces: Piece[] = [];
  let next = 1;
  let last = 0;
  for (const match of template.text.matchAll(/%(?:(\d+)\$)?-?\d*([sIL%])/g)) {
    pieces.push({ how: 'fixed', text: template.text.slice(last, match.index), value: [] });
    last = match.index + match[0].length;
    if (match[2] === '%') {
      pieces.push({ how: 'fixed', text: '%', value: [] });
      continue;
    }
    const value = args[match[1] === undefined ? next : Number(match[1])] ?? [];
    next = match[1] === undefined ? next + 1 : Number(match[1]) + 1;
    const inner = value.length === 1 ? value[0]?.value : undefined;
    if (match[2] === 's' && inner?.kind === 'text') pieces.push(...inner.pieces);
    else if (inner?.kind === 'constant')
      pieces.push({
        how: match[2] === 'L' ? 'literal' : 'fixed',
        text: inner.text,
        value: match[2] === 'L' ? value : [],
      });
    else
      pieces.push({
        how: match[2] === 'I' ? 'identifier' : match[2] === 'L' ? 'literal' : 'raw',
        text: '',
        value,
      });
  }
  pieces.push({ how: 'fixed', text: template.text.slice(last), value: [] });
  const telling = pieces.filter((piece) => piece.how !== 'fixed' || piece.text !== '');
  return telling.every((piece) => piece.how === 'fixed')
    ? constant(telling.map((piece) => piece.text).join(''))
    : only({ kind: 'text', pieces: telling });
}

function derived(name: string, args: readonly Possible[]): Possible {
  if (args.some((arg) => arg.length === 0)) return [];
  const foreign = args.reduce<Chance>((best, arg) => most(best, foreignChance(arg)), 0);
  const value = { identity: `${name}()`, type: 'text', nullable: true } as const;
  const plain = only({ kind: 'free', ...value, colour: null });
  if (foreign === 0) return plain;
  return join(
    plain,
    capAll(
      only({ kind: 'free', ...value, identity: `${name}() of another's`, colour: 'A' }),
      foreign,
    ),
  );
}

/** Values put into one document: they come out together. */
function gather(parts: readonly Possible[]): Possible {
  return only({
    kind: 'record',
    fields: new Map(parts.map((part, at) => [`f${at + 1}`, part] as const)),
  });
}
