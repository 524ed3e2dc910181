/**
 * Casts. Between uuid, text and integers they keep values apart; those that shorten or fold do not.
 */
import { conditionOf } from './compare.ts';
import { scalar } from './context-values.ts';
import type { Environment } from './environment.ts';
import { only, type Possible, truth, type Value } from './value.ts';

const UUID = /^\{?[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}\}?$/i;
/** Characters of a uuid's text. */
export const UUID_LENGTH = 36;
const NUMERIC =
  /^(int2|int4|int8|integer|bigint|smallint|numeric|decimal|float4|float8|double precision|oid)$/;
const TEXT =
  /^(text|varchar|bpchar|name|char|citext|public\.citext|extensions\.citext|character varying)$/;
const JSON_TYPE = /^jsonb?$/;

export function cast(
  env: Environment,
  possible: Possible,
  type: {
    readonly name: string;
    readonly array: boolean;
    readonly modified: boolean;
    readonly length: number | null;
  },
): Possible {
  if (type.array) return possible.map((a) => ({ ...a, value: toArray(env, a.value) }));
  if (JSON_TYPE.test(type.name)) {
    // An empty string is no JSON: the statement fails.
    return possible.filter((a) => !(a.value.kind === 'constant' && a.value.text.trim() === ''));
  }
  const plain = scalar(env, possible);
  if (type.name === 'bool' || type.name === 'boolean') return truth(conditionOf(plain));
  return plain.flatMap((a) => {
    const value = convert(a.value, type);
    return value === undefined ? [] : [{ value, chance: a.chance }];
  });
}

function convert(
  value: Value,
  type: { readonly name: string; readonly modified: boolean; readonly length: number | null },
): Value | undefined {
  if (value.kind === 'constant') {
    if (type.name === 'uuid')
      return UUID.test(value.text)
        ? { kind: 'constant', text: value.text.toLowerCase() }
        : undefined;
    if (NUMERIC.test(type.name))
      return value.text.trim() !== '' && Number.isFinite(Number(value.text)) ? value : undefined;
    return value;
  }
  if (value.kind === 'coloured') {
    const folds = type.name.endsWith('citext') || (type.modified && TEXT.test(type.name));
    const whole = value.type === 'uuid' && (type.length === null || type.length >= UUID_LENGTH);
    if (folds && !whole) {
      return {
        kind: 'blurred',
        by: `the cast to ${type.name}`,
        identity: value.identity,
        colour: value.colour,
      };
    }
    if (value.type === 'uuid' || TEXT.test(type.name)) return value;
    return { ...value, type: type.name };
  }
  if (value.kind === 'truth' && TEXT.test(type.name)) {
    const { t, f } = value.outcome;
    return t > 0 && f > 0 ? value : { kind: 'constant', text: t > 0 ? 'true' : 'false' };
  }
  return value;
}

/** An array literal, or a setting that holds a list of what the context may see. */
function toArray(env: Environment, value: Value): Value {
  if (value.kind === 'constant') {
    const inside = value.text.replace(/^\{|\}$/g, '');
    const items =
      inside === '' ? [] : inside.split(',').map((item) => item.trim().replace(/^"|"$/g, ''));
    return {
      kind: 'array',
      elements: items.map((text) => ({ value: { kind: 'constant', text }, chance: 2 })),
    };
  }
  if (value.kind === 'coloured' && value.context) return { kind: 'array', elements: only(value) };
  if (value.kind === 'chosen') return { kind: 'array', elements: only(value) };
  if (value.kind === 'claims') return { kind: 'array', elements: scalar(env, only(value)) };
  return value;
}
