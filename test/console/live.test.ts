/** What happens is on the page while it happens, and what somebody wrote is text there and nothing else. */
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { canBrowse, openBrowser, patiently, visit } from './support/browser.ts';
import {
  ACME,
  type ConsoleGround,
  createConsoleGround,
  PASSWORD,
} from './support/console-ground.ts';
import { change } from './support/session.ts';

/** Two seconds are promised; the rest is for a machine that does much else. */
const SHOWN_WITHIN_MS = 10_000;

let ground: ConsoleGround;
let browser: Browser;

beforeAll(async () => {
  if (!canBrowse) return;
  ground = await createConsoleGround();
  browser = await openBrowser();
});
afterAll(async () => {
  if (!canBrowse) return;
  await browser.close();
  await ground.close();
});

describe.skipIf(!canBrowse)('the overview, left open', patiently, () => {
  it('shows an attack without being loaded again, also after the server was away', async () => {
    const one = await visit(browser, ground, { as: ground.people.noor });
    await one.go('./');
    const { page } = one;
    const live = page.getByRole('status').filter({ hasText: /^Live$/ });
    await live.waitFor();
    await page.evaluate('window.isTheSamePage = true');
    const shown = async (tenant: string, name: string): Promise<number> => {
      const startedMs = performance.now();
      await ground.attack(tenant);
      await page
        .locator('section', { hasText: 'Stopped at a wall' })
        .getByText(name)
        .first()
        .waitFor({ timeout: SHOWN_WITHIN_MS });
      return performance.now() - startedMs;
    };
    const tookMs = await shown(await idOf('borealis'), 'Borealis Coffee');
    process.stdout.write(`an attack was shown after ${Math.round(tookMs)} ms\n`);

    await ground.stop();
    await page.getByRole('status').filter({ hasText: 'Not live' }).waitFor();
    await ground.listen();
    await live.waitFor({ timeout: 40_000 });
    await shown(await idOf('cobalt'), 'Cobalt Architects');
    expect(await page.evaluate('window.isTheSamePage')).toBe(true);
    await one.context.close();
  });
});

const SCRIPT = `<img src=x onerror="window.bitten=1"><script>window.bitten=1</script>`;

describe.skipIf(!canBrowse)('what somebody wrote', patiently, () => {
  it('runs on no page, whatever field it was written into', async () => {
    const { noor } = ground.people;
    const { user, link } = await plant();
    const one = await visit(browser, ground, { as: noor });
    const { page } = one;
    const dialogs: string[] = [];
    page.on('dialog', (dialog) => {
      dialogs.push(dialog.message());
      void dialog.dismiss();
    });
    const pages = [
      './',
      'tenants',
      'tenants/acme',
      'tenants/acme/people',
      'tenants/acme/people?person=user%3Amallory',
      'tenants/acme/invitations',
      'tenants/acme/roles',
      'tenants/acme/roles?view=roles&role=evil',
      'tenants/acme/explain?actor=user%3Amallory&permission=audit%3Aread',
      'tenants/acme/policies?kind=mfa',
      'tenants/acme/keys',
      'tenants/acme/keys?view=accounts',
      'tenants/acme/keys?view=sessions',
      `users?user=${user}`,
      'organizations',
      link,
      'audit?tenant=acme',
      'users',
      'account',
      'settings',
      'isolation',
      `audit?tenant=acme&text=${encodeURIComponent(SCRIPT)}`,
    ];
    let seen = 0;
    for (const path of pages) {
      await one.go(path);
      seen += await page.getByText('<img src=x').count();
      expect([path, await page.evaluate('window.bitten')]).toEqual([path, undefined]);
    }
    expect(seen).toBeGreaterThan(12);
    await one.go('audit?tenant=acme&action=note.written');
    await page.getByRole('button', { name: 'note.written', exact: true }).first().click();
    await page
      .getByRole('complementary', { name: 'Event' })
      .getByText('<img src=x')
      .first()
      .waitFor();
    expect([await page.evaluate('window.bitten'), dialogs, one.faults]).toEqual([
      undefined,
      [],
      [],
    ]);
    await one.context.close();
  }, 300_000);

  it('is framed by nobody', async () => {
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.route('https://evil.example/', (route) =>
      route.fulfill({
        contentType: 'text/html',
        body: `<iframe src="${ground.url}sign-in" width="800" height="600"></iframe>`,
      }),
    );
    const refused = page.waitForEvent('requestfailed', (request) =>
      request.url().endsWith('sign-in'),
    );
    await page.goto('https://evil.example/');
    await refused;
    expect(await page.frameLocator('iframe').getByText('Sign in').count()).toBe(0);
    await context.close();
  });
});

/** The same few letters of script in everything that people name, say and send. */
async function plant(): Promise<{ readonly user: string; readonly link: string }> {
  const { noor } = ground.people;
  const { admin, bulkhead, pool } = ground;
  await admin.query('set role bulkhead');
  await admin.query(
    `select bulkhead.access_member_join($1, 'system:test', 'user', 'mallory', $2, $3)`,
    [ACME, SCRIPT, 'mallory@acme.example'],
  );
  await admin.query('reset role');
  const put = async (path: string, body: unknown, method?: string): Promise<{ id?: string }> => {
    const answer = await change(ground, noor, path, body, method);
    const said = await answer.text();
    if (answer.status >= 400) throw new Error(`${path}: ${said}`);
    return JSON.parse(said) as { id?: string };
  };
  await put('tenants/acme', { name: SCRIPT }, 'PATCH');
  await put('tenants/acme/roles', {
    key: 'evil',
    name: SCRIPT,
    description: SCRIPT,
    permissions: ['audit:read'],
  });
  await put('tenants/acme/groups', { name: SCRIPT });
  const { id: node } = await put('tenants/acme/nodes', { name: SCRIPT, kind: 'workspace' });
  const holder = { type: 'user', id: 'mallory' };
  await put('tenants/acme/grants', { holder, role: 'evil', node });
  await put('tenants/acme/grants', { holder, role: 'evil' });
  await put('tenants/acme/invitations', {
    email: 'zoe@acme.example',
    role: 'member',
    name: SCRIPT,
  });
  const account = { name: SCRIPT, description: SCRIPT };
  const { id } = await put('tenants/acme/service-accounts', account);
  await put('tenants/acme/api-keys', {
    name: SCRIPT,
    holder: { type: 'service_account', id },
    expiresAt: null,
  });
  const user = await bulkhead.identity.users.create({ email: 'eve@acme.example', name: SCRIPT });
  await bulkhead.identity.passwords.establish({ userId: user.id, password: PASSWORD });
  await put('me', { name: SCRIPT }, 'PATCH');
  await bulkhead.asTenant(
    ACME,
    () =>
      bulkhead.audit.record(
        {
          action: 'note.written',
          targets: [{ type: 'note', id: SCRIPT, name: SCRIPT }],
          reason: SCRIPT,
          userAgent: SCRIPT,
          metadata: { [SCRIPT]: SCRIPT },
        },
        pool,
      ),
    { actor: { type: 'user', id: 'mallory', name: SCRIPT } },
  );
  await ground.settle();
  // The name of the organization and that of whoever is invited stand on the page of the link, too.
  await bulkhead.identity.mail.sendDue();
  const mails = await bulkhead.identity.mail.mailbox();
  const link = mails.flatMap(({ text }) => /http\S+\/invitation#[\w-]+/.exec(text)?.[0] ?? [])[0];
  if (link === undefined) throw new Error('nobody was invited');
  return { user: user.id, link };
}

async function idOf(slug: string): Promise<string> {
  const { rows } = await ground.admin.query<{ id: string }>(
    'select id from bulkhead.tenant where slug = $1',
    [slug],
  );
  return rows[0]?.id ?? '';
}
