/** Hazards of the token: forged, edited, expired, borrowed. The attacker holds a session of the app's role. */
import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  generateContextKey,
  parseContextKey,
  publishContextKey,
} from '../../packages/bulkhead/src/isolation/index.ts';
import { A, type Arena, B, openArena, SECRET_A } from '../support/arena.ts';

let arena: Arena;
let raw: pg.Client;

beforeAll(async () => {
  arena = await openArena();
  raw = new pg.Client({ connectionString: arena.database.appUrl });
  await raw.connect();
});

afterAll(async () => {
  await raw.end();
  await arena.close();
});

const nowSeconds = () => Math.floor(Date.now() / 1000);

interface Parts {
  version?: string;
  key?: string;
  kid?: string;
  tenant?: string;
  expiry?: string;
  actor?: string;
}

function token(parts: Parts = {}): string {
  const key = parseContextKey(parts.key ?? arena.database.contextKey);
  const body = [
    parts.version ?? 'v1',
    parts.kid ?? key.kid,
    parts.tenant ?? B,
    parts.expiry ?? String(nowSeconds() + 60),
    parts.actor ?? 'user:bob',
  ].join('.');
  return `${body}.${createHmac('sha256', key.secret).update(body).digest('hex')}`;
}

/** Rows of `note` that a session with this context sees, or the error it gets. */
async function notesWith(context: string): Promise<pg.QueryResultRow[]> {
  await raw.query(`select set_config('bulkhead.context', $1, false)`, [context]);
  return (await raw.query('select tenant_id from note')).rows;
}

const refused = { code: '28000', message: 'bulkhead: context refused' };

describe('a genuine token', () => {
  it('opens exactly its own tenant', async () => {
    const rows = await notesWith(token());
    expect(rows).toHaveLength(20);
    expect(new Set(rows.map((row) => row.tenant_id))).toEqual(new Set([B]));
  });

  it('names its actor, dots and all', async () => {
    await notesWith(token({ actor: 'user:bob.b.v1.x' }));
    const { rows } = await raw.query('select bulkhead.actor(), bulkhead.tenant_id()');
    expect(rows).toEqual([{ actor: 'user:bob.b.v1.x', tenant_id: B }]);
  });

  it('absent or empty means no rows', async () => {
    expect(await notesWith('')).toEqual([]);
    const fresh = new pg.Client({ connectionString: arena.database.appUrl });
    await fresh.connect();
    expect((await fresh.query('select * from note')).rows).toEqual([]);
    await fresh.end();
  });
});

describe('a forged token is refused without a word about why', () => {
  const cases: Record<string, () => string> = {
    'another tenant under an old mac': () => token().replace(B, A),
    'a later expiry under an old mac': () =>
      token().replace(String(nowSeconds() + 60), String(nowSeconds() + 600)),
    'a key of the attacker’s own': () => token({ key: generateContextKey(), tenant: A }),
    'the right key id over a foreign key': () =>
      token({
        key: generateContextKey(),
        kid: parseContextKey(arena.database.contextKey).kid,
        tenant: A,
      }),
    'an unknown key id': () => token({ kid: 'ffffffff', tenant: A }),
    'a quoted key id': () => token({ kid: `' or 1`, tenant: A }),
    'no mac': () => token().slice(0, -65),
    'an empty mac': () => `${token().slice(0, -64)}`,
    'a short mac': () => token().slice(0, -1),
    'a mac that is not hex': () => `${token().slice(0, -64)}${'z'.repeat(64)}`,
    'an upper-case mac': () => {
      const good = token();
      return good.slice(0, -64) + good.slice(-64).toUpperCase();
    },
    'nothing but dots': () => '.'.repeat(140),
    'a short text': () => 'v1',
    'only a mac': () => 'a'.repeat(64),
    'a very long text': () => 'v1.'.repeat(100_000),
    'another version': () => token({ version: 'v2' }),
    'an expiry of eleven digits': () => token({ expiry: `0${nowSeconds() + 60}` }),
    'trailing white space': () => `${token()} `,
    'a NULL-like text': () => 'null',
    'non-ASCII': () => token().replace('user', 'üser'),
  };
  for (const [name, forge] of Object.entries(cases)) {
    it(name, async () => {
      await expect(notesWith(forge())).rejects.toMatchObject({ code: '28000' });
    });
  }

  it('whatever is changed, at any place (property)', async () => {
    const good = token();
    await fc.assert(
      fc.asyncProperty(
        fc.nat(good.length - 1),
        fc.string({ unit: 'grapheme-ascii', minLength: 0, maxLength: 4 }),
        async (at, text) => {
          const forged = good.slice(0, at) + text + good.slice(at + 1);
          fc.pre(forged !== good && forged !== '');
          await expect(notesWith(forged)).rejects.toMatchObject(refused);
        },
      ),
      { numRuns: 150 },
    );
  });
});

it('a token of the wrong widths opens nothing even if it is signed', async () => {
  for (const parts of [{ tenant: `${B}0` }, { tenant: 'b' }, { expiry: '1' }, { kid: '' }]) {
    await expect(notesWith(token(parts))).rejects.toMatchObject({ severity: 'ERROR' });
  }
});

describe('a token in time', () => {
  it('expired is refused', async () => {
    await expect(notesWith(token({ expiry: String(nowSeconds() - 1) }))).rejects.toMatchObject(
      refused,
    );
  });

  it('that claims more than 900 seconds is refused, whoever signed it', async () => {
    await expect(notesWith(token({ expiry: String(nowSeconds() + 960) }))).rejects.toMatchObject(
      refused,
    );
    await expect(notesWith(token({ expiry: '9999999999' }))).rejects.toMatchObject(refused);
  });

  it('ends in the middle of an open transaction', async () => {
    await raw.query(`select set_config('bulkhead.context', $1, false)`, [
      token({ expiry: String(nowSeconds() + 2) }),
    ]);
    await raw.query('begin isolation level repeatable read');
    try {
      expect((await raw.query('select * from note')).rowCount).toBe(20);
      await raw.query('select pg_sleep(2.2)');
      await expect(raw.query('select * from note')).rejects.toMatchObject(refused);
    } finally {
      await raw.query('rollback');
    }
  });
});

describe('a key', () => {
  it('rotates: published before it signs, both are good until the old one is withdrawn', async () => {
    const next = generateContextKey();
    await expect(notesWith(token({ key: next }))).rejects.toMatchObject(refused);
    await publishContextKey(arena.admin, next);
    expect(await notesWith(token({ key: next }))).toHaveLength(20);
    expect(await notesWith(token())).toHaveLength(20);
    await arena.admin.query(
      'update bulkhead.context_key set revoked_at = clock_timestamp() where kid = $1',
      [parseContextKey(next).kid],
    );
    await expect(notesWith(token({ key: next }))).rejects.toMatchObject(refused);
    await publishContextKey(arena.admin, next);
    await expect(notesWith(token({ key: next }))).rejects.toMatchObject(refused);
  });

  it('past its own end is refused', async () => {
    const brief = generateContextKey();
    await publishContextKey(arena.admin, brief);
    expect(await notesWith(token({ key: brief }))).toHaveLength(20);
    await arena.admin.query('update bulkhead.context_key set not_after = $2 where kid = $1', [
      parseContextKey(brief).kid,
      new Date(Date.now() - 1000),
    ]);
    await expect(notesWith(token({ key: brief }))).rejects.toMatchObject(refused);
  });

  it('of another database opens nothing here', async () => {
    await expect(notesWith(token({ key: generateContextKey() }))).rejects.toMatchObject(refused);
  });

  it('cannot be read, listed or inferred by the app’s role', async () => {
    await raw.query(`select set_config('bulkhead.context', $1, false)`, [token()]);
    for (const text of [
      'select * from bulkhead.context_key',
      'select count(*) from bulkhead.context_key',
      'select * from pg_statistic',
      `select pg_read_file('postgresql.conf')`,
      'copy bulkhead.context_key to stdout',
      'update bulkhead.context_key set not_after = now()',
      `insert into bulkhead.context_key (kid, ipad, opad) values ('00000000', '', '')`,
      'truncate bulkhead.context_key',
    ]) {
      await expect(raw.query(text), text).rejects.toMatchObject({ code: '42501' });
    }
    const stats = await raw.query(`select * from pg_stats where tablename = 'context_key'`);
    expect(stats.rows).toEqual([]);
  });

  it('shows in no plan, no error and no notice, even with TEMP and CREATE granted', async () => {
    const { admin, database } = arena;
    const { rows } = await admin.query(
      `select encode(ipad, 'hex') ipad, encode(opad, 'hex') opad from bulkhead.context_key`,
    );
    await admin.query(`grant create on schema public to test_app`);
    await admin.query(`grant temporary on database ${database.name} to test_app`);
    await admin.query('grant usage on language plpgsql to test_app');
    const spy = new pg.Client({ connectionString: database.appUrl });
    await spy.connect();
    const heard: string[] = [];
    spy.on('notice', (notice) => heard.push(JSON.stringify({ ...notice, m: notice.message })));
    const say = async (text: string) => {
      try {
        heard.push(JSON.stringify((await spy.query(text)).rows));
      } catch (error) {
        heard.push(JSON.stringify({ ...(error as Error), m: (error as Error).message }));
      }
    };
    await say(`select set_config('bulkhead.context', '${token()}', false)`);
    for (const setting of [
      'debug_print_parse',
      'debug_print_rewritten',
      'debug_print_plan',
      'log_executor_stats',
    ]) {
      await say(`set ${setting} = on`);
    }
    await say('set client_min_messages = debug5');
    // Shadows for every operator and function the verifier uses, first in the path by any means.
    await say(`create function public.steal(bytea, bytea) returns bytea language plpgsql as
      $$ begin raise notice 'stolen % %', encode($1, 'hex'), encode($2, 'hex'); return $1; end $$`);
    await say(
      `create operator public.|| (leftarg = bytea, rightarg = bytea, function = public.steal)`,
    );
    await say(`create function public.sha256(bytea) returns bytea language plpgsql as
      $$ begin raise notice 'stolen %', encode($1, 'hex'); return $1; end $$`);
    await say(`create function public.same(text, text) returns boolean language plpgsql as
      $$ begin raise notice 'stolen % %', $1, $2; return true; end $$`);
    await say(`create operator public.= (leftarg = text, rightarg = text, function = public.same)`);
    await say(
      `create domain pg_temp.bytea as pg_catalog.bytea check (public.steal(value, value) is not null)`,
    );
    await say(
      `create temporary table context_key (kid text, ipad bytea, opad bytea, not_after timestamptz, revoked_at timestamptz)`,
    );
    for (const path of ['public, pg_catalog', 'pg_temp, public, pg_catalog', 'pg_temp']) {
      await say(`set search_path = ${path}`);
      await say('select bulkhead.tenant_id()');
      await say('select * from public.note');
      await say('explain (analyze, verbose) select * from public.note');
      await say(`select set_config('bulkhead.context', '${token().replace(B, A)}', false)`);
      await say('select * from public.note');
      await say(`select set_config('bulkhead.context', '${token()}', false)`);
    }
    await spy.end();
    await admin.query(
      'drop owned by test_app cascade; grant select, insert, update, delete on project, note, event to test_app; grant select on note_list to test_app; grant connect on database ' +
        database.name +
        ' to test_app',
    );
    await admin.query(`revoke usage on language plpgsql from test_app`);
    const everything = heard.join('').replaceAll(/\\n|\s/g, '');
    const seen = (text: string) => everything.includes(text.replaceAll(' ', ''));
    expect(heard.length).toBeGreaterThan(20);
    expect(heard.filter((line) => line.includes('"m":"stolen'))).toEqual([]);
    expect(seen(SECRET_A)).toBe(false);
    for (const { ipad, opad } of rows) {
      for (const pad of [ipad, opad]) {
        expect(seen(pad.slice(0, 32))).toBe(false);
        // Plans print a constant's bytes as signed decimals.
        const decimals = new Int8Array(Buffer.from(pad, 'hex')).slice(0, 16).join(' ');
        expect(seen(decimals)).toBe(false);
      }
    }
  });
});
