import { randomUUID } from 'node:crypto';
import { encodeBundle, leafHash, parseBundle } from 'bulkhead-verify';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { newIds, ORIGIN, readLog, recordIn, T1, T2 } from '#test/audit-ground';
import { type AuditHistory, createAuditHistory } from '#test/audit-history';
import { eraseSubject } from '../erase/erase-subject.ts';
import { rootOfFrontier, TiledTree } from '../log/tiled-tree.ts';
import { generateSigningKey, parseSigningKey, signCheckpoint } from '../signer/signing-key.ts';
import { createLocalKeyWrapper } from '../vault/key-wrapper.ts';
import { checkIds } from './findings.ts';
import { knownLogs } from './known-logs.ts';
import { readPin } from './pins.ts';

const standard = `tenant_id = '${T1}' and class = 'standard'`;
const flip = (column: string, at: number) =>
  `${column} = set_byte(${column}, ${at}, get_byte(${column}, ${at}) # 1)`;

interface Tampering {
  readonly what: string;
  /** As a superuser, or as whoever stole the keys. */
  readonly by: (history: AuditHistory) => Promise<unknown>;
  readonly caughtAs: readonly string[];
}

const sql = (text: string) => (history: AuditHistory) => history.admin.query(text);

/** Rewrites a chunk's entries, hashes included, as a superuser who knows the layout would. */
const rewrite =
  (of: number, change: (entries: Buffer[]) => Buffer[]) =>
  async ({ admin }: AuditHistory) => {
    const { rows } = await admin.query(
      `select first, entries from bulkhead.audit_chunk where ${standard} and first <= ${of} order by first desc limit 1`,
    );
    const [row] = rows;
    const entries = change(parseBundle(row.entries).map((entry) => Buffer.from(entry)));
    await admin.query(
      `update bulkhead.audit_chunk set count = $2, entries = $3, hashes = $4 where ${standard} and first = $1`,
      [
        row.first,
        entries.length,
        encodeBundle(entries),
        Buffer.concat(entries.map((entry) => leafHash(entry))),
      ],
    );
  };

/** Makes everything but the signatures agree with the leaves as they are now. */
async function rebuildTree({ admin }: AuditHistory): Promise<TiledTree> {
  const tree = new TiledTree(0, Buffer.of());
  const { rows } = await admin.query(
    `select hashes from bulkhead.audit_chunk where ${standard} order by first`,
  );
  const nodes: { level: number; index: number; hash: Uint8Array }[] = [];
  for (const { hashes } of rows) {
    for (let at = 0; at < hashes.length; at += 32) tree.append(hashes.subarray(at, at + 32), nodes);
  }
  await admin.query(`delete from bulkhead.audit_tile where ${standard}`);
  for (const { level, index, hash } of nodes) {
    await admin.query(`insert into bulkhead.audit_tile values ($1, 'standard', $2, $3, 1, $4)`, [
      T1,
      level,
      index,
      hash,
    ]);
  }
  await admin.query(`update bulkhead.audit_log set next = $1, frontier = $2 where ${standard}`, [
    tree.size,
    tree.frontier(),
  ]);
  return tree;
}

const edited = (entries: Buffer[], at: number, change: (event: Record<string, unknown>) => void) =>
  entries.map((entry, index) => {
    if (index !== at) return entry;
    const event = JSON.parse(entry.toString());
    change(event);
    return Buffer.from(JSON.stringify(event));
  });

const tamperings: Tampering[] = [
  {
    what: 'a bit flip in an entry',
    by: sql(
      `update bulkhead.audit_chunk set ${flip('entries', 900)} where ${standard} and first = 0`,
    ),
    caughtAs: ['leaf.changed', 'checkpoint.root'],
  },
  {
    what: 'a bit flip in a leaf hash',
    by: sql(
      `update bulkhead.audit_chunk set ${flip('hashes', 65)} where ${standard} and first = 0`,
    ),
    caughtAs: ['leaf.changed'],
  },
  {
    what: 'an event edited together with its hash',
    by: rewrite(0, (all) => edited(all, 7, (event) => (event.outcome = 'denied'))),
    caughtAs: ['tile.changed', 'head.frontier', 'checkpoint.root', 'search.changed'],
  },
  {
    what: 'a back-dated event, with its hash and the whole tree made to fit',
    by: async (history) => {
      await rewrite(0, (all) =>
        edited(all, 7, (event) => (event.time = '2020-01-01T00:00:00.000Z')),
      )(history);
      await rebuildTree(history);
    },
    caughtAs: ['checkpoint.root', 'search.changed'],
  },
  {
    what: 'an event dated into the future',
    by: rewrite(0, (all) => edited(all, 7, (event) => (event.time = '2199-01-01T00:00:00.000Z'))),
    caughtAs: ['leaf.time', 'checkpoint.root'],
  },
  {
    what: 'a deleted chunk',
    by: sql(`delete from bulkhead.audit_chunk where ${standard} and first = 256`),
    caughtAs: ['leaf.missing', 'leaf.removed', 'checkpoint.root'],
  },
  {
    what: 'a deleted event, with the tree made to fit',
    by: async (history) => {
      await rewrite(1290, (all) => all.filter((_, at) => at !== 1))(history);
      await rebuildTree(history);
    },
    caughtAs: ['leaf.removed', 'leaf.reordered', 'checkpoint.size'],
  },
  {
    what: 'two events that changed places, with the tree made to fit',
    by: async (history) => {
      await rewrite(0, ([first, second, ...rest]) => [second, first, ...rest] as Buffer[])(history);
      await rebuildTree(history);
    },
    caughtAs: ['leaf.reordered', 'checkpoint.root'],
  },
  {
    what: 'truncation, with head and tree made to fit',
    by: async (history) => {
      await history.admin.query(
        `delete from bulkhead.audit_chunk where ${standard} and first >= 1024`,
      );
      await history.admin.query(
        `delete from bulkhead.audit_event where ${standard} and leaf_index >= 1024`,
      );
      await history.admin.query(
        `delete from bulkhead.audit_opening where ${standard} and leaf_index >= 1024`,
      );
      await rebuildTree(history);
    },
    caughtAs: ['checkpoint.size'],
  },
  {
    what: 'an inserted event, with the tree made to fit',
    by: async (history) => {
      await rewrite(1290, (all) => {
        const event = { ...JSON.parse((all[0] as Buffer).toString()), id: randomUUID() };
        return [...all, Buffer.from(JSON.stringify(event))];
      })(history);
      await rebuildTree(history);
    },
    caughtAs: ['leaf.inserted'],
  },
  {
    what: 'a chunk laid over another',
    by: sql(
      `insert into bulkhead.audit_chunk select tenant_id, class, first + 1, 1, substr(entries, 1, (get_byte(entries, 0) * 256 + get_byte(entries, 1)) + 2), substr(hashes, 1, 32) from bulkhead.audit_chunk where ${standard} and first = 0`,
    ),
    caughtAs: ['leaf.overlap'],
  },
  {
    what: 'an entry bundle cut off',
    by: sql(
      `update bulkhead.audit_chunk set entries = substr(entries, 1, octet_length(entries) - 5) where ${standard} and first = 0`,
    ),
    caughtAs: ['leaf.unreadable', 'leaf.missing', 'checkpoint.root'],
  },
  {
    what: 'an edited tile',
    by: sql(
      `update bulkhead.audit_tile set ${flip('hashes', 0)} where ${standard} and level = 1 and first = 0`,
    ),
    caughtAs: ['tile.changed'],
  },
  {
    what: 'a deleted tile',
    by: sql(`delete from bulkhead.audit_tile where ${standard} and level = 1 and first = 0`),
    caughtAs: ['tile.missing'],
  },
  {
    what: 'a tile over leaves that are not there',
    by: sql(
      `insert into bulkhead.audit_tile values ('${T1}', 'standard', 1, 256, 1, decode(repeat('ab', 32), 'hex'))`,
    ),
    caughtAs: ['tile.surplus'],
  },
  {
    what: 'a moved head',
    by: sql(`update bulkhead.audit_log set next = next - 1 where ${standard}`),
    caughtAs: ['head.size'],
  },
  {
    what: 'another frontier',
    by: sql(`update bulkhead.audit_log set ${flip('frontier', 3)} where ${standard}`),
    caughtAs: ['head.frontier'],
  },
  {
    what: 'a checkpoint forged without the key',
    by: async (history) => {
      const tree = await rebuildTree(history);
      const root = rootOfFrontier(tree.size, tree.frontier());
      const note = signCheckpoint([parseSigningKey(generateSigningKey())], {
        origin: `${ORIGIN}/${T1}/standard`,
        size: tree.size,
        root,
      });
      await history.admin.query(
        `update bulkhead.audit_checkpoint set note = $1 where ${standard} and size = ${tree.size}`,
        [note],
      );
    },
    caughtAs: ['checkpoint.signature'],
  },
  {
    what: 'a checkpoint with a bit flipped in its signature',
    by: sql(
      `update bulkhead.audit_checkpoint set note = overlay(note placing case substr(note, length(note) - 20, 1) when 'A' then 'B' else 'A' end from length(note) - 20 for 1) where ${standard}`,
    ),
    caughtAs: ['checkpoint.signature'],
  },
  {
    what: 'a checkpoint row that says another root than its note',
    by: sql(`update bulkhead.audit_checkpoint set ${flip('root', 0)} where ${standard}`),
    caughtAs: ['checkpoint.form'],
  },
  {
    what: 'the logs of two tenants swapped',
    by: async ({ admin }) => {
      const third = '30000000-0000-4000-8000-000000000003';
      for (const [from, to] of [
        [T1, third],
        [T2, T1],
        [third, T2],
      ]) {
        for (const table of [
          'chunk',
          'tile',
          'checkpoint',
          'event',
          'opening',
          'search_block',
          'search_term',
        ]) {
          await admin.query(
            `update bulkhead.audit_${table} set tenant_id = $2 where tenant_id = $1`,
            [from, to],
          );
        }
        await admin.query('update bulkhead.audit_log set tenant_id = $2 where tenant_id = $1', [
          from,
          to,
        ]);
      }
    },
    caughtAs: ['log.name', 'leaf.tenant', 'checkpoint.origin'],
  },
  {
    what: 'an edited opening',
    by: sql(
      `update bulkhead.audit_opening set ${flip('sealed', 40)} where ${standard} and leaf_index = (select min(leaf_index) from bulkhead.audit_opening where ${standard})`,
    ),
    caughtAs: ['opening.changed', 'search.changed'],
  },
  {
    what: 'the opening of one event put under another',
    by: sql(
      `update bulkhead.audit_opening o set sealed = (select p.sealed from bulkhead.audit_opening p where p.tenant_id = o.tenant_id and p.leaf_index > o.leaf_index order by p.leaf_index limit 1) where ${standard} and leaf_index = (select min(leaf_index) from bulkhead.audit_opening where ${standard})`,
    ),
    caughtAs: ['opening.changed'],
  },
  {
    what: 'a deleted opening of somebody who was not erased',
    by: sql(
      `delete from bulkhead.audit_opening where ${standard} and leaf_index = (select min(leaf_index) from bulkhead.audit_opening where ${standard})`,
    ),
    caughtAs: ['opening.missing', 'search.changed'],
  },
  {
    what: 'an opening of a leaf that commits to nothing',
    by: sql(
      `insert into bulkhead.audit_opening select tenant_id, event_id, subject, class, 5000, sealed from bulkhead.audit_opening where ${standard} limit 1`,
    ),
    caughtAs: ['opening.surplus'],
  },
  {
    what: 'an edited search row',
    by: sql(
      `update bulkhead.audit_search_term set ${flip('postings', 1)} where ${standard} and part = 3`,
    ),
    caughtAs: ['search.changed'],
  },
  {
    what: 'a search row that finds nothing any more',
    by: sql(
      `update bulkhead.audit_search_term set tokens[1] = tokens[1] # 64 where ${standard} and part = 9`,
    ),
    caughtAs: ['search.changed'],
  },
  {
    what: 'a missing search row',
    by: sql(`delete from bulkhead.audit_search_term where ${standard} and part = 17`),
    caughtAs: ['search.missing'],
  },
  {
    what: 'a search block with other times',
    by: sql(
      `update bulkhead.audit_search_block set at_min = at_min - interval '1 year' where ${standard}`,
    ),
    caughtAs: ['search.changed'],
  },
  {
    what: 'search rows without their block',
    by: sql(`delete from bulkhead.audit_search_block where ${standard}`),
    caughtAs: ['search.surplus'],
  },
  {
    what: 'a search block beyond the log',
    by: sql(
      `insert into bulkhead.audit_search_block select tenant_id, class, 9, at_min, at_max, ends, digest from bulkhead.audit_search_block where ${standard}`,
    ),
    caughtAs: ['search.surplus'],
  },
  {
    what: 'words of a block beyond the log',
    by: sql(
      `insert into bulkhead.audit_search_term select tenant_id, class, part, 9, tokens, postings from bulkhead.audit_search_term where ${standard} limit 1`,
    ),
    caughtAs: ['search.surplus'],
  },
  {
    what: 'an opening that lies where readers of its first leaf do not look',
    by: sql(
      `update bulkhead.audit_opening set leaf_index = leaf_index + 1 where ${standard} and leaf_index = (select min(leaf_index) from bulkhead.audit_opening where ${standard})`,
    ),
    caughtAs: ['opening.changed'],
  },
  {
    what: 'an opening of somebody who is nobody',
    by: sql(
      `insert into bulkhead.audit_opening (tenant_id, subject, class, leaf_index, members, sealed) select tenant_id, gen_random_uuid(), class, leaf_index, members, sealed from bulkhead.audit_opening where ${standard} limit 1`,
    ),
    caughtAs: ['opening.surplus'],
  },
  {
    what: 'a person deleted',
    by: sql(`delete from bulkhead.audit_subject where tenant_id = '${T1}'`),
    caughtAs: ['subject.missing', 'opening.surplus'],
  },
  ...(['ref', 'sealed_ref', 'wrapped_key'] as const).map((column) => ({
    what: `a person whose ${column} was changed`,
    by: sql(`update bulkhead.audit_subject set ${flip(column, 25)} where tenant_id = '${T1}'`),
    caughtAs: ['subject.changed'],
  })),
  {
    what: 'a person whose key is gone',
    by: sql(`update bulkhead.audit_subject set wrapped_key = null where tenant_id = '${T1}'`),
    caughtAs: ['subject.changed'],
  },
  {
    what: 'the key of references exchanged for another tenant’s',
    by: sql(
      `update bulkhead.audit_vault_key set wrapped = (select wrapped from bulkhead.audit_vault_key where tenant_id = '${T2}') where tenant_id = '${T1}'`,
    ),
    caughtAs: ['subject.changed'],
  },
  {
    what: 'a person erased in secret, search rows included',
    by: sql(
      `update bulkhead.audit_subject set ref = null, sealed_ref = null, wrapped_key = null, erased_at = now() - interval '1 hour' where tenant_id = '${T1}';
       delete from bulkhead.audit_opening where ${standard};
       delete from bulkhead.audit_search_block where ${standard}; delete from bulkhead.audit_search_term where ${standard}`,
    ),
    caughtAs: ['subject.erased'],
  },
  {
    what: 'checkpoints deleted, so that nothing says what was signed',
    by: sql(
      `delete from bulkhead.audit_checkpoint where ${standard};
       update bulkhead.audit_chunk set sequenced_at = now() - interval '1 hour' where ${standard}`,
    ),
    caughtAs: ['checkpoint.missing'],
  },
  {
    what: 'a checkpoint from whose frontier the signer could not go on',
    by: sql(`update bulkhead.audit_checkpoint set ${flip('frontier', 3)} where ${standard}`),
    caughtAs: ['checkpoint.form'],
  },
  {
    what: 'numbers that are too great for a log',
    by: sql(
      `insert into bulkhead.audit_chunk select tenant_id, class, 9223372036854775806, 1, entries, substr(hashes, 1, 32) from bulkhead.audit_chunk where ${standard} and first = 0;
       insert into bulkhead.audit_tile select tenant_id, class, 7, 9223372036854775806, 1, substr(hashes, 1, 32) from bulkhead.audit_tile where ${standard} limit 1;
       insert into bulkhead.audit_checkpoint select tenant_id, class, 9223372036854775807, root, frontier, note from bulkhead.audit_checkpoint where ${standard} limit 1;
       update bulkhead.audit_log set next = 9223372036854775807 where ${standard}`,
    ),
    caughtAs: ['leaf.overlap', 'tile.surplus', 'checkpoint.size', 'head.size'],
  },
  {
    what: 'the head of the log deleted',
    by: sql(`delete from bulkhead.audit_log where ${standard}`),
    caughtAs: ['log.missing'],
  },
];

test('whatever a superuser tampers with is caught, each by its name', async () => {
  const history = await createAuditHistory([300, 400, 601]);
  await history.grow(5, T2);
  await history.sign();
  expect(await history.failures()).toEqual([]);
  const query = (text: string, values: unknown[]) => history.admin.query(text, values);
  for (const { what, by, caughtAs } of tamperings) {
    await history.admin.query('begin');
    await by(history);
    expect
      .soft(await history.failures({ query }), what)
      .toEqual(expect.arrayContaining([...caughtAs]));
    await history.admin.query('rollback');
  }
  expect(await history.failures()).toEqual([]);
}, 60_000);

test('an honest log passes, and says what is not signed or indexed yet', async () => {
  const history = await createAuditHistory([1, 255, 900]);
  const { ok, findings, size } = await history.verify();
  expect({ ok, size }).toEqual({ ok: true, size: 1156 });
  expect(findings.map(({ id, status }) => `${status} ${id}`)).toEqual([
    'PASS log.name',
    'PASS checkpoint.root',
    'PASS leaf.changed',
    'PASS tile.changed',
    'PASS subject.changed',
    'PASS opening.changed',
    'PASS search.changed',
  ]);
  await history.grow(1000);
  const grown = await history.verify();
  expect(grown.findings.filter(({ status }) => status === 'NOTE').map(({ id }) => id)).toEqual([
    'checkpoint.missing',
    'search.missing',
  ]);
  expect(grown.ok).toBe(true);
});

test('an empty database has nothing to fail but the log that was asked for', async () => {
  const history = await createAuditHistory();
  expect(await history.failures()).toEqual(['log.missing']);
});

test('a log is looked at as long as anything is left of it', async () => {
  const { admin, failures } = await createAuditHistory([300]);
  const query = (text: string, values: unknown[]) => admin.query(text, values);
  for (const table of ['log', 'chunk', 'checkpoint', 'tile', 'opening']) {
    await admin.query(`delete from bulkhead.audit_${table} where ${standard}`);
    expect(await knownLogs(query, { tenant: T1 })).toMatchObject([{ tenant: T1 }]);
  }
  expect(await failures()).toEqual(expect.arrayContaining(['log.missing', 'leaf.removed']));
});

test('a log whose class is called what none can be called is a finding, not an error', async () => {
  const { admin, failures } = await createAuditHistory([3]);
  await admin.query(`update bulkhead.audit_log set class = 'no such/class' where ${standard}`);
  expect(await failures({ log: { tenant: T1, class: 'no such/class' } })).toContain('log.name');
});

test('whatever JSON stands in a leaf, verifying ends with what is wrong', async () => {
  const history = await createAuditHistory([6]);
  const query = (text: string, values: unknown[]) => history.admin.query(text, values);
  const names = [
    'actor',
    'targets',
    'commitments',
    'pseudonyms',
    'location',
    'ip',
    'committedJson',
    'time',
  ];
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...names), fc.jsonValue(), async (name, value) => {
      await history.admin.query('begin');
      await rewrite(5, (all) => edited(all, 5, (event) => (event[name] = value)))(history);
      await rebuildTree(history);
      expect(await history.failures({ query }), JSON.stringify(value)).toContain('checkpoint.root');
      await history.admin.query('rollback');
    }),
    { numRuns: 60 },
  );
});

test('a clock that was set back between recording and appending is no tampering', async () => {
  const history = await createAuditHistory([3]);
  await recordIn(history.admin);
  await history.admin.query(
    `update bulkhead.audit_pending set recorded_at = recorded_at + interval '1 hour'`,
  );
  await history.grow(3);
  await history.sign();
  expect(await history.failures()).toEqual([]);
});

test('moments that no leaf can hold come out as the nearest that it can, are noticed, and are nobody else’s fault', async () => {
  const history = await createAuditHistory([3]);
  const moments = ['infinity', '-infinity', '294276-12-31', '0044-03-15 BC', '12026-01-01'];
  for (const moment of moments) {
    const [id] = await recordIn(history.admin);
    await history.admin.query(
      'update bulkhead.audit_pending set recorded_at = $1 where event_id = $2',
      [moment, id],
    );
  }
  await history.grow(3, T2);
  await history.sign();
  const times = (await readLog(history.admin)).slice(3).map(({ json }) => json.recorded);
  const [first, last] = ['1970-01-01T00:00:00.000Z', '9999-12-31T23:59:59.999Z'];
  expect(times).toEqual([last, first, last, first, last]);
  expect(await history.failures()).toEqual(['leaf.time']);
  expect(await history.failures({ log: { tenant: T2, class: 'standard' } })).toEqual([]);
});

test('an erasure is no tampering, whoever else stands in the event; what is of others must still be there', async () => {
  const history = await createAuditHistory();
  const events = ['bob', 'carol'].map((id) =>
    JSON.stringify({
      action: 'row.inserted',
      outcome: 'success',
      targets: [{ type: 'note', id: '1' }],
      after: { email: `${id}@example.com` },
      personal: [{ path: '/after/email', subject: { type: 'user', id } }],
    }),
  );
  // Ada has no name in it, so that nothing in it is hers.
  await recordIn(history.admin, { ids: newIds(2), actor: 'user:ada', events });
  await history.grow(3);
  const keeper = await history.connect(history.database.auditUrl);
  await eraseSubject(
    (text, values) => keeper.query(text, values),
    createLocalKeyWrapper([history.vaultKey]),
    {
      tenant: T1,
      subject: { type: 'user', id: 'bob' },
      around: { actor: { type: 'operator', id: 'dana' }, reason: 'asked to' },
    },
  );
  await history.grow(3);
  expect(await history.failures()).toEqual([]);
  const openingOf = `${standard} and leaf_index = (select max(leaf_index) from bulkhead.audit_opening where ${standard})`;
  await history.admin.query(`delete from bulkhead.audit_opening where ${openingOf}`);
  expect(await history.failures()).toEqual(['opening.missing']);
});

test('roll-back: a database set back to an earlier, whole state is noticed by who kept a checkpoint', async () => {
  const history = await createAuditHistory([10]);
  const early = await history.checkpoint();
  const tables = ['log', 'chunk', 'tile', 'checkpoint', 'event', 'opening', 'unsigned', 'subject'];
  for (const table of tables) {
    await history.admin.query(`create table backup_${table} as table bulkhead.audit_${table}`);
  }
  await history.grow(400);
  await history.sign();
  const late = await history.checkpoint();
  const seen = readPin(late);
  for (const table of tables) {
    await history.admin.query(`delete from bulkhead.audit_${table}`);
    await history.admin.query(`insert into bulkhead.audit_${table} select * from backup_${table}`);
  }
  expect(await history.failures()).toEqual([]);
  expect(await history.failures({ pins: [{ name: 'early', note: early }] })).toEqual([]);
  expect(await history.failures({ pins: [{ name: 'late', note: late }] })).toEqual([
    'pin.rollback',
  ]);
  expect(await history.failures({ seen })).toEqual(['pin.rollback']);
});

test('split view: another history signed with the stolen key is noticed by who kept a checkpoint', async () => {
  const history = await createAuditHistory([10, 20]);
  const pin = { name: 'kept', note: await history.checkpoint() };
  await rewrite(0, (all) => edited(all, 3, (event) => (event.action = 'note.read')))(history);
  const tree = await rebuildTree(history);
  const root = rootOfFrontier(tree.size, tree.frontier());
  const note = signCheckpoint([parseSigningKey(history.signingKey)], {
    origin: `${ORIGIN}/${T1}/standard`,
    size: tree.size,
    root,
  });
  await history.admin.query(`delete from bulkhead.audit_checkpoint where ${standard}`);
  await history.admin.query(
    `insert into bulkhead.audit_checkpoint (tenant_id, class, size, root, frontier, note) values ($1, 'standard', $2, $3, $4, $5)`,
    [T1, tree.size, root, tree.frontier(), note],
  );
  expect(await history.failures()).toEqual([]);
  expect(await history.failures({ pins: [pin] })).toEqual(['pin.split-view']);
  expect(await history.failures({ seen: readPin(pin.note) })).toEqual(['pin.split-view']);
});

test('a pin that the log’s key did not sign proves nothing, and is said to', async () => {
  const history = await createAuditHistory([10]);
  const origin = `${ORIGIN}/${T1}/standard`;
  const note = signCheckpoint([parseSigningKey(generateSigningKey())], {
    origin,
    size: 5,
    root: Buffer.alloc(32, 7),
  });
  expect(await history.failures({ pins: [{ name: 'forged', note }] })).toEqual(['pin.form']);
  expect(await history.failures({ pins: [{ name: 'noise', note: 'no checkpoint' }] })).toEqual([
    'pin.form',
  ]);
});

test('whatever single byte of a log is changed, and however it grew, it is noticed', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 4 }),
      fc.array(
        fc.tuple(
          fc.constantFrom('chunk.entries', 'chunk.hashes', 'tile.hashes', 'checkpoint.root'),
          fc.nat(),
        ),
        { minLength: 6, maxLength: 6 },
      ),
      async (sizes, places) => {
        const history = await createAuditHistory(sizes);
        expect(await history.failures()).toEqual([]);
        for (const [place, pick] of places) {
          const [table, column] = place.split('.');
          const target = `bulkhead.audit_${table}`;
          const { rows } = await history.admin.query(
            `select ctid, octet_length(${column}) as bytes from ${target} where ${standard}`,
          );
          const row = rows[pick % Math.max(1, rows.length)];
          if (row === undefined) continue;
          const change = flip(String(column), (pick * 7919) % row.bytes);
          await history.admin.query('begin');
          await history.admin.query(`update ${target} set ${change} where ctid = $1`, [row.ctid]);
          const query = (text: string, values: unknown[]) => history.admin.query(text, values);
          expect(await history.failures({ query }), `${place} ${row.ctid}`).not.toEqual([]);
          await history.admin.query('rollback');
        }
      },
    ),
    { numRuns: 5 },
  );
}, 60_000);

test('every name that a check can fail under is one that a test has seen fail', () => {
  const elsewhere = ['pin.form', 'pin.rollback', 'pin.split-view'];
  const seen = new Set([...tamperings.flatMap(({ caughtAs }) => caughtAs), ...elsewhere]);
  expect(checkIds.filter((id) => !seen.has(id))).toEqual([]);
});
