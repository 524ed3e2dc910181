/**
 * `npm run demo:tamper`: the demo in a folder of its own, and then somebody with every right in the database
 * changes its audit log. Ends with 0 when each tampering was caught.
 */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { settled, showVerified, verifyDemo } from './demo/audit.ts';
import { createScreen } from './demo/screen.ts';
import { type Demo, startDemo } from './demo/start.ts';
import { tamper, tamperings } from './demo/tamper.ts';
import { tenantIdOf } from './seed/rows.ts';
import { ORGANIZATIONS } from './seed/seed.ts';

const FOLDER = join(import.meta.dirname, '../../../.bulkhead/demo-tamper');
const EXIT_FAILED = 70;

const screen = createScreen({
  isTerminal: process.stdout.isTTY === true,
  colour:
    !process.env.NO_COLOR && (process.stdout.isTTY === true || Boolean(process.env.FORCE_COLOR)),
  write: (text) => process.stdout.write(text),
});
const stops: (() => Promise<void>)[] = [];

async function stopAll(): Promise<void> {
  for (const stop of stops.splice(0).reverse()) await stop().catch(() => undefined);
  await rm(FOLDER, { recursive: true, force: true });
}

async function main(): Promise<number> {
  const [organization] = ORGANIZATIONS;
  if (organization === undefined) throw new Error('the demo has organizations');
  screen.line();
  screen.line(screen.strong('Bulkhead: the administrator of the database rewrites the audit log'));
  screen.line();
  await rm(FOLDER, { recursive: true, force: true });
  const demo = await startDemo({
    folder: FOLDER,
    port: 0,
    screen,
    onStarted: (stop) => stops.push(stop),
  });
  await work(demo, organization.slug);
  const { events } = await settled(demo);
  screen.done(`${events} events recorded, sequenced and signed`);
  const before = await verifyDemo(demo);
  showVerified(before, screen);
  if (!before.ok) return 1;

  let caught = 0;
  for (const { what, sql } of tamperings) {
    screen.line();
    screen.line(`${screen.strong(what)}${screen.faint(', as the superuser:')}`);
    for (const line of sql.split('\n')) screen.line(screen.faint(`  ${line}`));
    const rows = await tamper(demo.superuserUrl, tenantIdOf(organization), sql);
    screen.line(screen.faint(`  ${rows} row changed. PostgreSQL has nothing to say about it.`));
    const after = await verifyDemo(demo);
    showVerified(after, screen);
    if (!after.ok) caught += 1;
  }
  screen.line();
  if (caught < tamperings.length) {
    screen.line(screen.bad('A tampering went unnoticed.'));
    return 1;
  }
  screen.line(
    screen.good('Caught, both times.') +
      screen.faint(
        ' What is left to whoever has the database is to sign another history, and the key is not in it.',
      ),
  );
  return 0;
}

/** A morning at the office. */
async function work({ app }: Demo, slug: string): Promise<void> {
  const actor = { type: 'user', id: 'demo', name: 'Demo' } as const;
  await app.bulkhead.asTenant(
    slug,
    async () => {
      for (let n = 0; n < 20; n += 1) {
        await app.pool.query(
          'update note set title = title where id = (select id from note order by id offset $1 limit 1)',
          [n],
        );
      }
      for (let n = 1; n <= 5; n += 1) {
        await app.bulkhead.audit.enqueue({
          action: 'note.written',
          targets: [{ type: 'note', id: `demo-${n}`, name: `Note ${n}` }],
        });
      }
    },
    { actor },
  );
}

let exitCode: number;
try {
  exitCode = await main();
} catch (error) {
  screen.line();
  screen.line(screen.bad(error instanceof Error ? error.message : String(error)));
  exitCode = EXIT_FAILED;
}
await stopAll();
process.exit(exitCode);
