/**
 * What goes on at the three organizations while the console is looked at: people read, write and pin notes;
 * now and then somebody tries another's door or mistypes a password; and sometimes one of them attacks.
 *
 * Promises: everything goes through the app's own pages, as from a browser. Notes are changed and none is
 * added, so a demo left alone for days stays as it is; only the log and the activity grow.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { attacksToTry } from '../attack/payloads.ts';
import { openDoor, signIn } from '../attack/run-attack.ts';
import type { SeedOrganization } from '../seed/organization.ts';
import { seedId, tenantIdOf } from '../seed/rows.ts';
import { DEMO_PASSWORD, ORGANIZATIONS } from '../seed/seed.ts';

const PAUSE_MS = 700;
/** The first soon after the start, while somebody is still looking for where to click. */
const FIRST_ATTACK_MS = 12_000;
const ATTACK_EVERY_MS = 45_000;
const STATEMENTS_IN_ATTACK = 5;
const NOTES_TOUCHED = 24;

interface Worker {
  readonly organization: SeedOrganization;
  readonly email: string;
  /** Signed in at the first thing they do. */
  cookie: string | undefined;
}

/** @returns what ends it. */
export function startTraffic(origin: string): () => Promise<void> {
  const ending = new AbortController();
  const { signal } = ending;
  const workers = ORGANIZATIONS.flatMap((organization) =>
    organization.people.map(
      ({ login }): Worker => ({
        organization,
        email: `${login}@${organization.domain}`,
        cookie: undefined,
      }),
    ),
  );
  const office = everyday(origin, workers, signal);
  const attack = attacks(origin, workers, signal);
  return async () => {
    ending.abort();
    await Promise.all([office, attack]);
  };
}

async function everyday(origin: string, workers: readonly Worker[], signal: AbortSignal) {
  for (let turn = 0; !signal.aborted; turn += 1) {
    await quietly(() => act(origin, anyOf(workers), turn, signal));
    await pause(PAUSE_MS * (0.4 + 1.6 * Math.random()), signal);
  }
}

async function act(origin: string, worker: Worker, turn: number, signal: AbortSignal) {
  const { organization } = worker;
  if (turn % 41 === 40) return mistype(origin, worker);
  if (turn % 29 === 28) return tryAnothersDoor(origin, worker, signal);
  const note = seedId(organization, 'note', Math.floor(Math.random() * NOTES_TOUCHED));
  if (turn % 3 === 0) {
    await send(origin, worker, `/api/notes/${note}`, signal, { pinned: Math.random() < 0.2 });
    return;
  }
  await send(origin, worker, turn % 2 === 0 ? '/notes' : `/notes/${note}`, signal);
}

/** Somebody who is signed in here opens an address of another organization. */
async function tryAnothersDoor(origin: string, worker: Worker, signal: AbortSignal) {
  const other = anyOf(ORGANIZATIONS.filter((one) => one !== worker.organization));
  const cookie = await cookieOf(origin, worker);
  const reply = await fetch(`${origin}/t/${other.slug}/api/projects`, {
    headers: { cookie },
    signal,
  });
  await reply.arrayBuffer();
}

async function mistype(origin: string, { organization, email }: Worker) {
  const { cookie, formToken } = await openDoor(origin, organization.slug);
  const reply = await fetch(`${origin}/t/${organization.slug}/sign-in`, {
    method: 'POST',
    redirect: 'manual',
    headers: { cookie },
    body: new URLSearchParams({
      email,
      password: `${DEMO_PASSWORD.slice(0, -1)}j`,
      form_token: formToken,
    }),
  });
  await reply.arrayBuffer();
}

async function attacks(origin: string, workers: readonly Worker[], signal: AbortSignal) {
  await pause(FIRST_ATTACK_MS, signal);
  while (!signal.aborted) {
    const attacker = anyOf(workers);
    const victim = anyOf(ORGANIZATIONS.filter((one) => one !== attacker.organization));
    for (let shot = 0; shot < STATEMENTS_IN_ATTACK && !signal.aborted; shot += 1) {
      const where =
        shot === 0 ? `n.tenant_id = '${tenantIdOf(victim)}'` : anyOf(attacksToTry).where;
      const path = `/api/search?where=${encodeURIComponent(where)}`;
      await quietly(() => send(origin, attacker, path, signal));
      await pause(400, signal);
    }
    await pause(ATTACK_EVERY_MS * (0.7 + 0.6 * Math.random()), signal);
  }
}

async function send(
  origin: string,
  worker: Worker,
  path: string,
  signal: AbortSignal,
  change?: Readonly<Record<string, unknown>>,
): Promise<void> {
  const reply = await fetch(`${origin}/t/${worker.organization.slug}${path}`, {
    redirect: 'manual',
    signal,
    headers: {
      cookie: await cookieOf(origin, worker),
      ...(change !== undefined && { 'content-type': 'application/json' }),
    },
    ...(change !== undefined && { method: 'PUT', body: JSON.stringify(change) }),
  });
  await reply.arrayBuffer();
  // The session is over, or its token was renewed: next time they sign in again.
  if (reply.status === 401 || reply.status === 303) worker.cookie = undefined;
}

async function cookieOf(origin: string, worker: Worker): Promise<string> {
  worker.cookie ??= await signIn(origin, {
    slug: worker.organization.slug,
    tenantId: tenantIdOf(worker.organization),
    email: worker.email,
    password: DEMO_PASSWORD,
  });
  return worker.cookie;
}

/** Whatever fails, such as somebody's password that you changed, is theirs; the others go on. */
async function quietly(work: () => Promise<unknown>): Promise<void> {
  await work().catch(() => undefined);
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => undefined);
}

function anyOf<T>(list: readonly T[]): T {
  const item = list[Math.floor(Math.random() * list.length)];
  if (item === undefined) throw new RangeError('nothing to choose from');
  return item;
}
