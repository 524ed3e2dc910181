/**
 * Attacks a running notes server through its real routes, signed in as one tenant, after the rows of another.
 *
 * Promises: every answer is judged against every row of every other tenant; after each attack an honest
 * request of the victim must still answer as before, or that counts as a leak too (a poisoned session).
 */
import type pg from 'pg';
import type { AttackFamily, AttackTarget, Attempt } from './attempt.ts';
import { type Answer, foreignTexts, type Judgement, judge, type Verdict } from './judge.ts';
import { injections } from './payloads.ts';
import { requestAttacks } from './requests.ts';
import { attackTokens } from './tokens.ts';

export interface AttackOptions {
  /** `http://127.0.0.1:PORT` */
  readonly origin: string;
  /** Knows all rows, to judge by. Never used by the attack itself. */
  readonly admin: pg.Client;
  readonly contextKey: string;
  readonly attacker: AttackPerson;
  readonly victim: AttackPerson;
  readonly onAttempt?: (done: number, total: number, family: AttackFamily) => void;
}

export interface AttackPerson {
  readonly slug: string;
  readonly tenantId: string;
  readonly email: string;
  readonly password: string;
}

export interface Leak {
  readonly attempt: Attempt;
  readonly judgement: Judgement;
}

export interface AttackReport {
  readonly families: ReadonlyMap<AttackFamily, Readonly<Record<Verdict, number>>>;
  readonly attempts: number;
  readonly foreignBytes: number;
  readonly leaks: readonly Leak[];
}

/** Read by both sides after every attack; changes with every row of the projects, notes and invoices behind it. */
const HONEST_PATH = '/api/projects';

/** The page before signing in: its form is good for the browser that it was shown to. */
export async function openDoor(
  origin: string,
  slug: string,
): Promise<{ readonly cookie: string; readonly formToken: string }> {
  const page = await fetch(`${origin}/t/${slug}/sign-in`);
  const formToken = /name="form_token" value="([^"]+)"/.exec(await page.text())?.[1] ?? '';
  return { cookie: cookieOf(page, 'notes_door') ?? '', formToken };
}

export function cookieOf(reply: Response, name: string): string | undefined {
  return reply.headers
    .getSetCookie()
    .map((cookie) => cookie.split(';')[0] ?? '')
    .find((cookie) => cookie.startsWith(`${name}=`));
}

/** Signs in as a browser would. @returns the session cookie. */
export async function signIn(origin: string, person: AttackPerson): Promise<string> {
  const { cookie: door, formToken } = await openDoor(origin, person.slug);
  const reply = await fetch(`${origin}/t/${person.slug}/sign-in`, {
    method: 'POST',
    redirect: 'manual',
    headers: { cookie: door },
    body: new URLSearchParams({
      email: person.email,
      password: person.password,
      form_token: formToken,
    }),
  });
  const cookie = cookieOf(reply, 'notes_session');
  if (reply.status !== 303 || cookie === undefined) {
    throw new Error(`signing in as ${person.email} answered ${reply.status}`);
  }
  return cookie;
}

async function send(base: string, cookie: string, attempt: Attempt): Promise<Answer> {
  const startedMs = performance.now();
  const url = attempt.path.startsWith('/t/')
    ? new URL(base).origin + attempt.path
    : base + attempt.path;
  const reply = await fetch(url, {
    method: attempt.method,
    redirect: 'manual',
    headers: {
      cookie,
      ...attempt.headers,
      ...(attempt.json !== undefined && { 'content-type': 'application/json' }),
    },
    ...(attempt.json !== undefined && { body: JSON.stringify(attempt.json) }),
  });
  const headers = [...reply.headers.values()].join('\n');
  return {
    status: reply.status,
    body: `${await reply.text()}`.concat(reply.status >= 300 && reply.status < 400 ? headers : ''),
    durationMs: performance.now() - startedMs,
  };
}

export async function attackTarget(
  admin: pg.Client,
  options: Pick<AttackOptions, 'attacker' | 'victim' | 'contextKey'>,
): Promise<AttackTarget> {
  const { attacker, victim } = options;
  const found = await admin.query<{
    note_id: string;
    title: string;
    project_id: string;
    invoice_id: string;
    person_id: string;
    email: string;
  }>(
    `select n.id as note_id, n.title, n.project_id, i.id as invoice_id, p.id as person_id, p.email
     from note n, invoice i, person p where n.tenant_id = $1 and i.tenant_id = $1 and p.tenant_id = $1
     order by n.id, i.id, p.id limit 1`,
    [victim.tenantId],
  );
  const row = found.rows[0];
  if (row === undefined) throw new Error('the victim has nothing to steal');
  return {
    attackerTenantId: attacker.tenantId,
    attackerSlug: attacker.slug,
    victimTenantId: victim.tenantId,
    victimSlug: victim.slug,
    victimNoteId: row.note_id,
    victimNoteTitle: row.title,
    victimProjectId: row.project_id,
    victimInvoiceId: row.invoice_id,
    victimPersonId: row.person_id,
    victimEmail: row.email,
    tokens: attackTokens(options.contextKey, victim.tenantId),
  };
}

export async function runAttack(options: AttackOptions): Promise<AttackReport> {
  const { origin, admin, attacker, victim } = options;
  const target = await attackTarget(admin, options);
  const attempts = [...requestAttacks(target), ...injections(target)];
  const foreign = await foreignTexts(admin, attacker.tenantId);
  const attackerBase = `${origin}/t/${attacker.slug}`;
  const victimBase = `${origin}/t/${victim.slug}`;
  const cookies = {
    attacker: await signIn(origin, attacker),
    victim: await signIn(origin, victim),
  };
  const honest = {
    family: 'forgotten WHERE',
    name: 'honest',
    method: 'GET',
    path: HONEST_PATH,
  } as const;
  let before = {
    attacker: await send(attackerBase, cookies.attacker, honest),
    victim: await send(victimBase, cookies.victim, honest),
  };
  if (before.attacker.status !== 200 || before.victim.status !== 200)
    throw new Error('the honest request failed before any attack');

  const families = new Map<AttackFamily, Record<Verdict, number>>();
  const leaks: Leak[] = [];
  for (const [index, attempt] of attempts.entries()) {
    let judgement = judge(attempt, await send(attackerBase, cookies.attacker, attempt), foreign);
    const [victimAfter, attackerAfter] = await Promise.all([
      send(victimBase, cookies.victim, honest),
      send(attackerBase, cookies.attacker, honest),
    ]);
    const after = { victim: victimAfter, attacker: attackerAfter };
    if (after.victim.body !== before.victim.body || after.attacker.body !== before.attacker.body) {
      judgement = {
        verdict: 'foreign',
        foreignBytes: Math.max(judgement.foreignBytes, 1),
        evidence: 'an honest request answers differently since',
      };
      // What this attempt changed is not held against the next.
      before = after;
    }
    if (judgement.verdict === 'foreign') leaks.push({ attempt, judgement });
    const counts = families.get(attempt.family) ?? {
      'refused by the guard': 0,
      'own rows only': 0,
      'empty or denied': 0,
      foreign: 0,
    };
    counts[judgement.verdict] += 1;
    families.set(attempt.family, counts);
    options.onAttempt?.(index + 1, attempts.length, attempt.family);
  }
  return {
    families,
    attempts: attempts.length,
    foreignBytes: leaks.reduce((sum, leak) => sum + leak.judgement.foreignBytes, 0),
    leaks,
  };
}
