/**
 * How this database tells tenants apart: by which setting, in which columns, listed in which table.
 *
 * Promises: what the user says is believed; otherwise the setting that most policies compare a tenant
 * column with wins, wrappers followed. Finds names; the meaning of every expression is `logic/`'s.
 */
import type { Catalog, Oid } from '../catalog/model.ts';
import type { ConventionKind } from '../model.ts';
import { literal } from '../names.ts';
import type { Convention } from '../world.ts';
import { ContextTexts, policyText, settingsIn } from './context-texts.ts';
import { tenantColumns } from './tenant-columns.ts';

export interface ConventionWishes {
  readonly tenantSetting?: string | undefined;
  readonly tenantExpression?: string | undefined;
}

interface Source {
  readonly kind: ConventionKind;
  readonly setting: string | null;
  readonly claimPath: readonly string[];
  /** Functions that the user's own expression calls. */
  readonly calls?: readonly string[];
}

const JWT_SETTING = 'request.jwt.claims';
/** A hundred views weigh less than one policy. */
const BODY_WEIGHT = 0.001;
/** Supabase's and PostgREST's ways to the token's claims. */
const CLAIMS = /\bauth\.(uid|jwt)\s*\(|'request\.jwt\./;
const NONE: Source = { kind: 'none', setting: null, claimPath: [] };

export function findConvention(catalog: Catalog, wishes: ConventionWishes): Convention {
  const texts = new ContextTexts(catalog);
  const policies = [...catalog.policies.values()].flat();
  const expanded = new Map(
    policies.map((policy) => [policy.oid, texts.expand(policyText(policy))]),
  );
  const wished =
    wishes.tenantExpression === undefined ? null : texts.expand(wishes.tenantExpression);
  const source = sourceOf(wishes, wished, expanded, texts.ofBodies());
  const speaks = (oid: Oid) => speaksOf(source, expanded.get(oid) ?? '');
  const columns = tenantColumns(
    catalog,
    policies.filter((policy) => speaks(policy.oid)),
  );
  return {
    kind: source.kind,
    setting: source.setting,
    claimPath: source.claimPath,
    trustedSettings: trusted(source, wished === null ? [...expanded.values()] : [wished]),
    expression: wishes.tenantExpression ?? expressionOf(source, columns.type),
    tenantType: columns.type,
    tenantColumns: columns.names,
    registries: columns.registries,
    memberships: columns.memberships,
  };
}

function sourceOf(
  wishes: ConventionWishes,
  wished: string | null,
  expanded: ReadonlyMap<Oid, string>,
  bodies: readonly string[],
): Source {
  if (wished !== null) {
    const isClaim = CLAIMS.test(wished);
    const setting = isClaim ? JWT_SETTING : (settingsIn(wished)[0] ?? null);
    const calls = callsIn(wishes.tenantExpression ?? '');
    return { kind: 'expression', setting, claimPath: isClaim ? ['sub'] : [], calls };
  }
  if (wishes.tenantSetting !== undefined) {
    const setting = wishes.tenantSetting.toLowerCase();
    if (setting.startsWith('request.jwt.')) {
      return { kind: 'jwt-claims', setting, claimPath: ['sub'] };
    }
    return { kind: 'setting', setting, claimPath: [] };
  }
  const votes = new Map<string, { source: Source; count: number }>();
  const vote = (source: Source, weight: number) => {
    const key = `${source.kind} ${source.setting ?? ''}`;
    const known = votes.get(key);
    votes.set(key, { source, count: (known?.count ?? 0) + weight });
  };
  for (const text of expanded.values()) voteOn(text, vote, 1);
  // Where no policy says so, a view or a function that filters by itself may.
  for (const text of bodies) voteOn(text, vote, BODY_WEIGHT);
  let best = { source: NONE, count: 0 };
  for (const candidate of votes.values()) if (candidate.count > best.count) best = candidate;
  return best.source;
}

function voteOn(
  text: string,
  vote: (source: Source, weight: number) => void,
  weight: number,
): void {
  if (/\bbulkhead\.tenant_id\s*\(/.test(text)) {
    vote({ kind: 'signed', setting: 'bulkhead.context', claimPath: [] }, weight);
  } else if (CLAIMS.test(text)) {
    vote({ kind: 'jwt-claims', setting: JWT_SETTING, claimPath: ['sub'] }, weight);
  } else {
    for (const setting of new Set(settingsIn(text))) {
      if (!setting.includes('.')) continue;
      vote({ kind: 'setting', setting, claimPath: [] }, weight * likelihood(setting));
    }
    if (/\b(current_user|session_user|current_role)\b/i.test(text)) {
      vote({ kind: 'current-user', setting: null, claimPath: [] }, weight * 0.2);
    }
  }
}

/** A setting named after a tenant counts more than one named after a user or a flag. */
function likelihood(setting: string): number {
  const name = setting.slice(setting.lastIndexOf('.') + 1);
  if (/^(current_)?tenant(_?id)?$/.test(name)) return 3;
  if (/tenant|org|account|workspace|company|team|customer/.test(name)) return 2;
  return /user|actor|member|uid/.test(name) ? 1 : 0.3;
}

/** Functions by name, but for those that any expression may call. */
const callsIn = (sql: string): readonly string[] =>
  [...sql.matchAll(/([\w$]+)\s*\(/g)]
    .map((match) => (match[1] ?? '').toLowerCase())
    .filter((name) => !/^(current_setting|nullif|coalesce|select|cast)$/.test(name));

function speaksOf(source: Source, text: string): boolean {
  if (source.calls?.some((name) => text.includes(`${name}(`))) return true;
  if (source.kind === 'signed') return text.includes('bulkhead.tenant_id');
  if (source.setting === JWT_SETTING) return CLAIMS.test(text);
  if (source.kind === 'current-user') return /\b(current_user|session_user)\b/i.test(text);
  return source.setting !== null && settingsIn(text).includes(source.setting);
}

/** PostgREST writes every `request.jwt.*` itself; whatever else a client can set is not trusted. */
function trusted(source: Source, texts: readonly string[]): readonly string[] {
  const found = texts.flatMap(settingsIn).filter((name) => name.includes('.'));
  // Whoever wrote the expression vouches for every setting in it.
  if (source.kind === 'expression') {
    return [...new Set([...found, ...(source.setting === null ? [] : [source.setting])])].sort();
  }
  // Whoever sets the signed context to something else breaks its signature: trusted is what verifies it.
  if (source.kind === 'signed') return [];
  if (source.kind !== 'jwt-claims') return source.setting === null ? [] : [source.setting];
  return [
    ...new Set([JWT_SETTING, ...found.filter((name) => name.startsWith('request.jwt.'))]),
  ].sort();
}

function expressionOf(source: Source, type: string): string | null {
  const cast = type === 'text' || type.startsWith('character') ? '' : `::${type}`;
  switch (source.kind) {
    case 'signed':
      return '(select bulkhead.tenant_id())';
    case 'jwt-claims':
      return `(nullif(current_setting(${literal(JWT_SETTING)}, true), '')::json ->> 'sub')${cast}`;
    case 'current-user':
      return 'current_user';
    case 'setting':
      return `nullif(current_setting(${literal(source.setting ?? '')}, true), '')${cast}`;
    default:
      return null;
  }
}
