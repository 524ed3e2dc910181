/** Signed in over the API, as the pages do it: the cookie, and questions with it. */
import { type ConsoleGround, type ConsolePerson, PASSWORD } from './console-ground.ts';

export interface SessionCookie {
  readonly name: string;
  readonly value: string;
}

/** One session a person: a code of the authenticator works once. */
const sessions = new Map<string, Promise<SessionCookie>>();

export function sessionOf(ground: ConsoleGround, person: ConsolePerson): Promise<SessionCookie> {
  const known = sessions.get(person.id) ?? signIn(ground, person);
  sessions.set(person.id, known);
  return known;
}

async function signIn(ground: ConsoleGround, person: ConsolePerson): Promise<SessionCookie> {
  const first = await send(ground, 'sign-in/password', {
    body: { email: person.email, password: PASSWORD },
  });
  const { challenge } = (await first.json()) as { challenge?: string };
  const last =
    challenge === undefined
      ? first
      : await send(ground, 'sign-in/second-factor', {
          body: { challenge, method: 'totp', code: person.code() },
        });
  const set = last.headers.getSetCookie().find((line) => /session=/.test(line));
  const [name = '', value = ''] = (set?.split(';', 1)[0] ?? '').split('=');
  if (value === '') throw new Error(`${person.email} could not sign in: ${last.status}`);
  return { name, value };
}

/** A change by somebody, refused or not; operators say why. */
export async function change(
  ground: ConsoleGround,
  person: ConsolePerson,
  path: string,
  body: unknown,
  method = 'POST',
): Promise<Response> {
  const { name, value } = await sessionOf(ground, person);
  const cookie = `${name}=${value}`;
  const me = await fetch(new URL('../api/v1/me', ground.url), { headers: { cookie } });
  const { csrfToken } = (await me.json()) as { csrfToken: string };
  const headers = { cookie, 'x-csrf-token': csrfToken, 'bulkhead-reason': 'a%20test' };
  return send(ground, path, { body, method, headers });
}

const send = (
  ground: ConsoleGround,
  path: string,
  {
    body,
    method = 'POST',
    headers,
  }: { body: unknown; method?: string; headers?: Readonly<Record<string, string>> },
): Promise<Response> =>
  fetch(new URL(`../api/v1/${path}`, ground.url), {
    method,
    headers: {
      'content-type': 'application/json',
      origin: new URL(ground.url).origin,
      'sec-fetch-site': 'same-origin',
      ...headers,
    },
    body: JSON.stringify(body),
  });
