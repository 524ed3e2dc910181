/** What stands in the database before a browser comes: a schema, organizations, people, and yesterday's numbers. */
import type pg from 'pg';

const TABLES = [
  'note',
  'comment',
  'project',
  'invoice',
  'invoice_line',
  'person',
  'activity',
  'attachment',
];

export async function arrangeSchema(admin: pg.Client, isLeaking: boolean): Promise<void> {
  await admin.query('set role test_owner');
  for (const table of TABLES) {
    await admin.query(
      `create table ${table} (tenant_id uuid not null default bulkhead.tenant_id(), id uuid not null default gen_random_uuid(),
         title text not null, primary key (tenant_id, id));
       select bulkhead.protect_table('${table}');
       grant select, insert, update, delete on ${table} to test_app, test_operator`,
    );
  }
  await admin.query(
    `create view open_invoice with (security_invoker = true) as select * from invoice;
     grant select on open_invoice to test_app, test_operator`,
  );
  if (isLeaking) {
    // The owner of a plain view is asked, not who reads it; owned by a superuser, it sees every row.
    await admin.query('reset role');
    await admin.query(
      `create view invoice_report as select tenant_id, id, title from invoice;
       grant select on invoice_report to test_app`,
    );
  }
  await admin.query('reset role');
  await admin.query(`select bulkhead.audit_track('invoice')`);
}

const FIRST = [
  'Acme',
  'Borealis',
  'Cobalt',
  'Delta',
  'Ember',
  'Fjord',
  'Granite',
  'Harbor',
  'Iris',
  'Juniper',
  'Kestrel',
  'Lumen',
  'Meridian',
  'Northwind',
  'Orchard',
  'Pioneer',
  'Quarry',
  'Rowan',
  'Summit',
  'Tidal',
  'Umber',
  'Vertex',
  'Willow',
  'Yarrow',
  'Zephyr',
];
const SECOND = [
  'Robotics',
  'Coffee',
  'Architects',
  'Health',
  'Logistics',
  'Foods',
  'Energy',
  'Studio',
  'Labs',
  'Press',
  'Textiles',
  'Marine',
  'Travel',
];

/** Acme Robotics, Borealis Coffee, Cobalt Architects, and as many more as are asked for. */
export async function arrangeTenants(admin: pg.Client, count: number): Promise<void> {
  const rows = Array.from({ length: count }, (_, index) => {
    const first = FIRST[index % FIRST.length] ?? '';
    const round = Math.floor(index / FIRST.length);
    const second = SECOND[(index + round) % SECOND.length] ?? '';
    const again = Math.floor(index / (FIRST.length * SECOND.length));
    return {
      id:
        index === 0
          ? 'ac000000-0000-4000-8000-000000000001'
          : `${(0xb0000000 + index).toString(16)}-0000-4000-8000-000000000002`,
      slug: round === 0 ? first.toLowerCase() : `${first}-${second}-${index}`.toLowerCase(),
      name: `${first} ${second}${again === 0 ? '' : ` ${again + 1}`}`,
    };
  });
  await admin.query(
    `insert into bulkhead.tenant (id, slug, name)
     select id, slug, name from jsonb_to_recordset($1) as r (id uuid, slug text, name text)`,
    [JSON.stringify(rows)],
  );
}

const PEOPLE = [
  'Ada Okafor',
  'Bruno Keller',
  'Chiara Rossi',
  'Dmitri Volkov',
  'Elif Yıldız',
  'Farah Haddad',
  'Grace Lin',
  'Hugo Martin',
  'Ines Duarte',
  'Jonas Berg',
  'Keiko Tanaka',
  'Liam Byrne',
  'Mara Silva',
  'Nadia Petrova',
  'Omar Aziz',
  'Priya Nair',
];
const ROLES = ['owner', 'admin', 'member', 'viewer', 'auditor', 'billing', 'member', 'member'];

export async function arrangePeople(admin: pg.Client, tenant: string): Promise<void> {
  await admin.query('set role bulkhead');
  for (const [index, name] of PEOPLE.entries()) {
    const id = name.split(' ')[0]?.toLowerCase() ?? '';
    await admin.query('select bulkhead.access_member_join($1, $2, $3, $4, $5, $6)', [
      tenant,
      'system:test',
      'user',
      id,
      name,
      `${id}@acme.example`,
    ]);
    await admin.query('select bulkhead.access_give($1, $2, $3, $4, $5, null, $6, null)', [
      tenant,
      'system:test',
      'user',
      id,
      ROLES[index % ROLES.length],
      'direct',
    ]);
  }
  await admin.query('reset role');
}

/** The last day as the counter would have left it: busy by day, quiet by night, here and there a refusal. */
export async function arrangeHistory(admin: pg.Client): Promise<void> {
  await admin.query(
    `insert into bulkhead.live_slot (tenant_id, slot, events, denials, last_at)
     select t.id, s.slot,
            greatest(0, round(t.size * (1.2 + sin(extract(epoch from s.slot) / 13750.0)) * (0.7 + 0.6 * random())))::integer,
            case when random() < 0.004 * least(t.size, 4) then 1 + floor(random() * 3)::integer else 0 end,
            s.slot + interval '14 minutes'
       from (select id, exp(3 * random()) as size from bulkhead.tenant where id <> '00000000-0000-0000-0000-000000000000') as t
      cross join lateral (
        select date_bin('15 minutes', clock_timestamp(), 'epoch') - n * interval '15 minutes' as slot
          from generate_series(4, 95, greatest(1, (select count(*)::integer / 60 from bulkhead.tenant))) as n) as s
     on conflict do nothing`,
  );
}
