/**
 * Reads a case of the prover's corpus: one small schema with one leak, or a look-alike without any.
 * The format is described in the README beside the cases.
 */
import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';

export type BlockName = 'exploit' | 'victim' | 'check' | 'fix';

export interface CorpusCase {
  /** The file's name without `.sql`: `046-secdef-returns-everything`. */
  readonly name: string;
  readonly verdict: 'leak' | 'safe';
  readonly kind: string;
  /** The object at fault: `schema.name`, or `role:NAME`. */
  readonly object: string;
  /** Others that may fairly be blamed. */
  readonly also: readonly string[];
  readonly why: string;
  /** Roles are cluster-wide: these go when the case is over. The last word of the app's role is `appRole`. */
  readonly roles: readonly string[];
  readonly appRole: string;
  /** Extensions without which the case cannot be loaded. */
  readonly requires: readonly string[];
  /** The lowest and the highest major version of PostgreSQL on which the case is what it says. */
  readonly majors: { readonly from: number; readonly to: number };
  /** Settings of the attacker's session (tenant B) and of the victim's (tenant A). */
  readonly session: Readonly<Record<string, string>>;
  readonly victimSession: Readonly<Record<string, string>>;
  /** In the order of the file: what runs first stands first. */
  readonly blocks: readonly { readonly name: BlockName; readonly sql: string }[];
  readonly schema: string;
}

export const TENANT_A = '00000000-0000-4000-8000-00000000000a';
export const TENANT_B = '00000000-0000-4000-8000-00000000000b';

export async function readCorpus(folder: string): Promise<CorpusCase[]> {
  const names = (await readdir(folder)).filter((name) => /^\d{3}-.*\.sql$/.test(name)).sort();
  return Promise.all(
    names.map(async (name) => parseCase(name, await readFile(join(folder, name), 'utf8'))),
  );
}

export function parseCase(file: string, text: string): CorpusCase {
  const headers = readHeaders(text);
  const one = (key: string): string => headers.get(key)?.[0] ?? '';
  const words = (key: string): string[] => one(key).split(/\s+/).filter(Boolean);
  const verdict = one('verdict');
  if (verdict !== 'leak' && verdict !== 'safe') throw new Error(`${file}: no verdict`);
  const unset = one('session-tenant') === 'unset';
  const [, from, to] = /^(\d+)-(\d+)$/.exec(one('majors')) ?? [];
  return {
    name: basename(file, '.sql'),
    verdict,
    kind: one('kind'),
    object: one('object'),
    also: words('also'),
    why: one('why'),
    roles: words('roles'),
    appRole: one('app-role') || 'app_user',
    requires: words('requires'),
    majors: { from: Number(from ?? 0), to: Number(to ?? 99) },
    session: unset ? {} : settings(headers.get('session'), { 'app.tenant_id': TENANT_B }),
    victimSession: settings(headers.get('victim-session'), { 'app.tenant_id': TENANT_A }),
    blocks: readBlocks(text),
    schema: text,
  };
}

/** Only the lines before the first block or statement are headers; a key may come more than once. */
function readHeaders(text: string): Map<string, string[]> {
  const headers = new Map<string, string[]>();
  for (const line of text.split('\n')) {
    const [, key, value] = /^-- ([a-z-]+): (.*)$/.exec(line) ?? [];
    if (key === undefined || value === undefined) break;
    headers.set(key, [...(headers.get(key) ?? []), value]);
  }
  return headers;
}

function readBlocks(text: string): CorpusCase['blocks'] {
  const found = text.matchAll(/^-- (exploit|victim|check|fix)-begin\n([\s\S]*?)^-- \1-end$/gm);
  return [...found].map(([, name, body]) => ({
    name: name as BlockName, // the expression lets no other name through
    sql: (body ?? '').replace(/^-- ?/gm, ''),
  }));
}

function settings(
  lines: readonly string[] | undefined,
  otherwise: Record<string, string>,
): Record<string, string> {
  if (lines === undefined) return otherwise;
  return Object.fromEntries(
    lines.map((line) => {
      const at = line.indexOf('=');
      return [line.slice(0, at).trim(), line.slice(at + 1).trim()];
    }),
  );
}
