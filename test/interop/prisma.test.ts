/** Prisma 7 on the protected pool, through its own adapter: `npm ci --prefix bench` installs it. */

import { defineActions } from 'bulkhead';
import { beforeAll, describe, expect, test } from 'vitest';
import { createAuditApp } from '#test/audit-app';
import { ACME, GLOBEX, twoTenants } from '../query-layers/two-tenants.ts';
import { generateClient, isPrismaInstalled, type PrismaModules } from './prisma/generate-client.ts';

let modules: PrismaModules;

const LABEL = `
  create table label (
    tenant_id uuid not null default bulkhead.tenant_id(),
    name text not null,
    uses int not null default 1,
    primary key (tenant_id, name)
  );
  select bulkhead.protect_table('label');
  grant select, insert, update, delete on label to test_app`;

async function start() {
  const app = await twoTenants();
  await app.everything(LABEL);
  const { pool } = app;
  const { PrismaPg } = await import(modules.adapter);
  const { PrismaClient } = await import(modules.client);
  // #region client
  const prisma = new PrismaClient({ adapter: new PrismaPg(pool) });
  // #endregion
  return { ...app, prisma };
}

const made =
  "select tenant_id, title from note where title not in ('first', 'second') order by title, tenant_id";

describe.skipIf(!isPrismaInstalled)('Prisma through @prisma/adapter-pg', () => {
  beforeAll(async () => {
    modules = await generateClient();
  });

  test('create, read, update and delete stay within the tenant', async () => {
    const { prisma, asAcme, asGlobex, everything } = await start();
    const work = async () => {
      const note = await prisma.note.create({
        data: { title: 'made', tags: ['a', 'b'], meta: { colour: 'red' } },
      });
      expect(note).toMatchObject({ tags: ['a', 'b'], meta: { colour: 'red' } });
      expect(await prisma.note.findUnique({ where: { id: note.id } })).toMatchObject({
        title: 'made',
      });
      expect(await prisma.note.updateMany({ data: { priority: 9 } })).toEqual({ count: 3 });
      expect(await prisma.note.deleteMany({ where: { title: 'second' } })).toEqual({ count: 1 });
      expect(await prisma.note.count()).toBe(2);
      const changed = await prisma.note.update({
        where: { id: note.id },
        data: { priority: { increment: 1 } },
      });
      expect(changed.priority).toBe(10);
      const { body } = await prisma.note.findFirstOrThrow({ where: { title: 'first' } });
      return { body, id: note.id };
    };
    const [acme, globex] = await Promise.all([asAcme(work), asGlobex(work)]);
    expect([acme.body, globex.body]).toEqual(['acme', 'globex']);
    await asAcme(async () => {
      expect(await prisma.note.findUnique({ where: { id: globex.id } })).toBeNull();
      await expect(
        prisma.note.update({ where: { id: globex.id }, data: { body: 'planted' } }),
      ).rejects.toMatchObject({ code: 'P2025' });
    });
    expect(await everything(made)).toEqual([
      { tenant_id: ACME, title: 'made' },
      { tenant_id: GLOBEX, title: 'made' },
    ]);
  });

  test('relations, nested writes and createMany stay within the tenant', async () => {
    const { prisma, asGlobex, everything } = await start();
    await asGlobex(async () => {
      // #region nested
      const project = await prisma.project.create({
        data: { name: 'nested', notes: { create: [{ title: 'n1' }, { title: 'n2' }] } },
        include: { notes: { orderBy: { title: 'asc' } } },
      });
      // #endregion
      expect(project.notes.map((note: { title: string }) => note.title)).toEqual(['n1', 'n2']);
      const projects = await prisma.project.findMany({
        where: { notes: { some: { title: 'first' } } },
        include: { notes: true, _count: { select: { notes: true } } },
      });
      expect(projects).toMatchObject([
        { name: 'launch', _count: { notes: 2 }, notes: [{ body: 'globex' }, { body: 'globex' }] },
      ]);
      const { count } = await prisma.note.createMany({ data: [{ title: 'm1' }, { title: 'm2' }] });
      expect(count).toBe(2);
      const returned = await prisma.note.createManyAndReturn({ data: [{ title: 'r1' }] });
      expect(returned).toMatchObject([{ title: 'r1' }]);
      await prisma.note.update({
        where: { id: returned[0].id },
        data: { project: { connect: { id: project.id } } },
      });
    });
    const rows = await everything(made);
    expect(rows.map((row) => row.title)).toEqual(['m1', 'm2', 'n1', 'n2', 'r1']);
    expect(new Set(rows.map((row) => row.tenant_id))).toEqual(new Set([GLOBEX]));
  });

  test("connecting to another tenant's row is refused", async () => {
    const { prisma, asAcme, asGlobex } = await start();
    const foreign = await asGlobex(() => prisma.project.findFirstOrThrow());
    await asAcme(async () => {
      await expect(
        prisma.note.create({ data: { title: 'x', project: { connect: { id: foreign.id } } } }),
      ).rejects.toMatchObject({ code: 'P2025' });
      await expect(
        prisma.note.create({ data: { title: 'x', projectId: foreign.id } }),
      ).rejects.toMatchObject({ code: 'P2003' });
    });
  });

  test('an upsert changes or makes the tenant’s own row', async () => {
    const { prisma, asAcme, asGlobex, bulkhead, everything } = await start();
    const upsert = () => {
      // #region upsert
      const key = { tenantId: bulkhead.context().tenant.id, name: 'urgent' };
      return prisma.label.upsert({
        where: { tenantId_name: key },
        create: key,
        update: { uses: { increment: 1 } },
      });
      // #endregion
    };
    await asAcme(upsert);
    await asGlobex(upsert);
    await asAcme(upsert);
    expect(await everything('select tenant_id, uses from label order by tenant_id')).toEqual([
      { tenant_id: ACME, uses: 2 },
      { tenant_id: GLOBEX, uses: 1 },
    ]);
    await asAcme(() =>
      expect(
        prisma.label.upsert({
          where: { tenantId_name: { tenantId: GLOBEX, name: 'urgent' } },
          create: { tenantId: GLOBEX, name: 'urgent' },
          update: { uses: 99 },
        }),
      ).rejects.toThrow(),
    );
    expect(await everything(`select uses from label where tenant_id = '${GLOBEX}'`)).toEqual([
      { uses: 1 },
    ]);
  });

  test('an upsert by a key that is not unique in the database fails rather than guesses', async () => {
    const { prisma, asAcme } = await start();
    const id = '0d000000-0000-4000-8000-00000000000d';
    await asAcme(() =>
      expect(
        prisma.note.upsert({
          where: { id },
          create: { id, title: 'once' },
          update: { body: 'twice' },
        }),
      ).rejects.toThrow(/ON CONFLICT/),
    );
  });

  test('a unique constraint tells the tenant of its own rows only', async () => {
    const { prisma, asAcme, asGlobex } = await start();
    await asGlobex(() => prisma.note.create({ data: { title: 'taken' } }));
    await asAcme(async () => {
      await prisma.note.create({ data: { title: 'taken' } });
      await expect(prisma.note.create({ data: { title: 'taken' } })).rejects.toMatchObject({
        code: 'P2002',
      });
    });
  });

  test('$transaction with an array is all or nothing', async () => {
    const { prisma, asAcme, everything } = await start();
    await asAcme(async () => {
      const [, count] = await prisma.$transaction([
        prisma.note.create({ data: { title: 'together' } }),
        prisma.note.count(),
      ]);
      expect(count).toBe(3);
      await expect(
        prisma.$transaction([
          prisma.note.create({ data: { title: 'gone' } }),
          prisma.note.create({ data: { title: 'first' } }),
        ]),
      ).rejects.toMatchObject({ code: 'P2002' });
    });
    expect(await everything(made)).toEqual([{ tenant_id: ACME, title: 'together' }]);
  });

  test('an interactive transaction commits, rolls back and takes an isolation level', async () => {
    const { prisma, asAcme, asGlobex, everything } = await start();
    await Promise.all([
      asAcme(() =>
        prisma.$transaction(async (tx: typeof prisma) => {
          await tx.note.create({ data: { title: 'kept' } });
          expect(await tx.note.count()).toBe(3);
        }),
      ),
      asGlobex(() =>
        prisma.$transaction(
          async (tx: typeof prisma) => {
            await tx.note.create({ data: { title: 'kept' } });
            expect(await tx.$queryRaw`show transaction_isolation`).toEqual([
              { transaction_isolation: 'serializable' },
            ]);
          },
          { isolationLevel: 'Serializable' },
        ),
      ),
    ]);
    await asGlobex(() =>
      expect(
        prisma.$transaction(async (tx: typeof prisma) => {
          await tx.note.create({ data: { title: 'gone' } });
          throw new Error('change of mind');
        }),
      ).rejects.toThrow('change of mind'),
    );
    expect(await everything(made)).toEqual([
      { tenant_id: ACME, title: 'kept' },
      { tenant_id: GLOBEX, title: 'kept' },
    ]);
  });

  test('raw SQL runs with its parameters, and an injection meets the same walls', async () => {
    const { prisma, asAcme, everything } = await start();
    await asAcme(async () => {
      expect(await prisma.$queryRaw`select body from note where title = ${'first'}`).toEqual([
        { body: 'acme' },
      ]);
      expect(await prisma.$executeRaw`update note set priority = ${3}`).toBe(2);
      const inject = (expression: string) =>
        prisma.$queryRawUnsafe(`select distinct body from note where title = '${expression}'`);
      expect(await inject("' or 1 = 1 --")).toEqual([{ body: 'acme' }]);
      expect(await inject("' union select body from note --")).toEqual([{ body: 'acme' }]);
      for (const attack of [
        "'; delete from note; --",
        "' or set_config('bulkhead.context', '', false) = '' --",
        "' union select key from pg_authid --",
      ]) {
        await expect(inject(attack), attack).rejects.toThrow(/isolation|refused|statement/i);
      }
      expect(await inject(`' or tenant_id = '${GLOBEX}' --`)).toEqual([]);
    });
    expect(
      await everything(
        `select count(*)::int as n from note where tenant_id = '${GLOBEX}' and priority = 0`,
      ),
    ).toEqual([{ n: 2 }]);
  });

  test('with a second copy of pg the adapter gets no unprotected connection', async () => {
    // It does not know the pool and takes it for a configuration, to be completed from the environment.
    const { pool, asAcme } = await twoTenants();
    const { PrismaPg } = await import(modules.adapterWithOwnPg);
    const { PrismaClient } = await import(modules.client);
    const prisma = new PrismaClient({ adapter: new PrismaPg(pool) });
    await asAcme(() => expect(prisma.note.findMany()).rejects.toThrow(/second copy of pg/));
  });

  test('without a context Prisma says that it is missing', async () => {
    const { prisma } = await start();
    await expect(prisma.note.findMany()).rejects.toThrow(/tenant context/);
  });

  test('an event is recorded in the transaction of Prisma’s, or not at all', async () => {
    const actions = defineActions({ 'note.created': { description: 'A note was written.' } });
    const { bulkhead, pool, asAcme, events } = await createAuditApp(actions);
    const { PrismaPg } = await import(modules.adapter);
    const { PrismaClient } = await import(modules.client);
    const prisma: InstanceType<typeof PrismaClient> = new PrismaClient({
      adapter: new PrismaPg(pool),
    });
    await asAcme(async () => {
      const write = (title: string, fails: boolean) =>
        prisma.$transaction(async (tx: typeof prisma) => {
          await tx.$executeRawUnsafe('insert into note (title) values ($1)', title);
          await bulkhead.audit.record({ action: 'note.created', metadata: { title } }, tx);
          if (fails) throw new Error('changed my mind');
        });
      await write('kept', false);
      await expect(write('dropped', true)).rejects.toThrow('changed my mind');
    });
    expect((await events()).map(({ metadata }) => metadata?.title)).toEqual(['kept']);
  });
});
