// Takes the README's pictures of the console as docs/images/console-*.png: `npm run screenshots`.
//
// The demo runs in a folder of its own, with more organizations beside its three and their last day set down as
// numbers; what the pictures show comes over the real API. The leak on the isolation map is planted for its picture.
// Needs Chromium (CHROMIUM=/path/to/it, /usr/bin/chromium otherwise).
import { mkdirSync, rmSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const root = join(import.meta.dirname, '..');
const { chromium } = createRequire(join(root, 'test/package.json'))('playwright-core');
const pg = createRequire(join(root, 'examples/notes/package.json'))('pg');
const { startDemo } = await import('../examples/notes/dist/demo/start.js');
const { startTraffic } = await import('../examples/notes/dist/demo/traffic.js');
const { consoleUrl } = await import('../examples/notes/dist/demo/console.js');
const { DEMO_PASSWORD } = await import('../examples/notes/dist/seed/seed.js');
const { STAFF } = await import('../examples/notes/dist/seed/accounts.js');

const FOLDER = join(root, '.bulkhead/screenshots');
const IMAGES = join(root, 'docs/images');
const BYTES_MAX = 200_000;
const ORGANIZATIONS_MORE = 177;
const TRAFFIC_MS = 45_000;
const WAIT_MS = 120_000;
const DESK = { width: 1280, height: 860 };
const PHONE = { width: 390, height: 844 };

const quiet = { line() {}, done() {}, bar() {}, table() {} };
const plain = (text) => text;
const stops = [];

async function main() {
  rmSync(FOLDER, { recursive: true, force: true });
  mkdirSync(IMAGES, { recursive: true });
  const demo = await startDemo({
    folder: FOLDER,
    port: 0,
    screen: { ...quiet, good: plain, bad: plain, strong: plain, faint: plain },
    onStarted: (stop) => stops.push(stop),
  });
  const admin = new pg.Client({ connectionString: demo.superuserUrl });
  await admin.connect();
  stops.push(() => admin.end());
  await addOrganizations(admin);
  await addYesterday(admin);
  await demo.app.controlPlane.start();
  const endTraffic = startTraffic(`http://127.0.0.1:${demo.port}`);
  stops.push(endTraffic);

  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox'],
  });
  stops.push(() => browser.close());
  console.log(`${consoleUrl(demo)}`);
  const url = consoleUrl(demo).replace(/\/$/, '');
  const storageState = await signIn(browser, url);
  const take = picture(browser, url, storageState);
  await prove(browser, url, storageState);
  await sleep(TRAFFIC_MS);

  for (const theme of ['dark', 'light']) {
    await take(`overview-${theme}`, '/', { theme });
    await take(`event-${theme}`, '/audit?tenant=acme&action=note.changed', {
      theme,
      async act(page) {
        await page.locator('tbody [data-opens]').nth(2).click();
        await page.getByText('signed root').waitFor({ timeout: WAIT_MS });
      },
    });
    await take(`roles-${theme}`, '/tenants/acme/roles', {
      theme,
      size: { width: 1280, height: 640 },
    });
  }
  await take('overview-phone', '/', { theme: 'dark', size: PHONE });
  await endTraffic();

  await admin.query(
    `create view public.invoice_report as select tenant_id, number, customer, total_cents from public.invoice;
     grant select on public.invoice_report to notes_app`,
  );
  await prove(browser, url, storageState);
  for (const theme of ['dark', 'light']) {
    await take(`isolation-${theme}`, '/isolation', {
      theme,
      async act(page) {
        await page.locator('[data-verdict="leak"]').first().click();
      },
    });
  }
}

async function signIn(browser, url) {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(`${url}/sign-in`);
  await page.locator('input[name=email]').fill(STAFF[0].email);
  await page.locator('input[name=password]').fill(DEMO_PASSWORD);
  await page.keyboard.press('Enter');
  await page.getByRole('navigation', { name: 'Places' }).waitFor({ timeout: WAIT_MS });
  const state = await context.storageState();
  await context.close();
  return state;
}

/** By the button, and until the page says when it was. */
async function prove(browser, url, storageState) {
  const context = await browser.newContext({ storageState });
  const page = await context.newPage();
  await page.goto(`${url}/isolation`);
  const button = page.getByRole('button', { name: 'Prove again' });
  await button.waitFor({ timeout: WAIT_MS });
  const asked = page.waitForResponse((response) => response.url().endsWith('/isolation/proofs'));
  await button.click();
  await asked;
  await page
    .getByRole('button', { name: 'Proving' })
    .waitFor({ timeout: 10_000 })
    .catch(() => {});
  await button.waitFor({ timeout: WAIT_MS });
  await context.close();
}

const picture =
  (browser, url, storageState) =>
  async (name, path, { theme, size = DESK, act }) => {
    const isPhone = size === PHONE;
    const context = await browser.newContext({
      storageState,
      viewport: size,
      colorScheme: theme,
      reducedMotion: 'reduce',
      timezoneId: 'UTC',
      deviceScaleFactor: isPhone ? 2 : 1,
      hasTouch: isPhone,
    });
    const page = await context.newPage();
    await page.addInitScript(() => {
      sessionStorage.setItem('bulkhead.reasons', JSON.stringify({ acme: 'Ticket 4711' }));
      localStorage.setItem('bulkhead.tenant', 'acme');
    });
    await page.goto(`${url}${path}`);
    await page.locator('#page-title').waitFor({ timeout: WAIT_MS });
    await page.waitForFunction(() => document.querySelector('[aria-busy="true"]') === null, null, {
      timeout: WAIT_MS,
    });
    await act?.(page);
    await sleep(1_500);
    const file = join(IMAGES, `console-${name}.png`);
    await page.screenshot({ path: file });
    await context.close();
    const bytes = statSync(file).size;
    console.log(`${file.slice(root.length + 1)}  ${Math.round(bytes / 1000)} kB`);
    if (bytes > BYTES_MAX) throw new Error(`${name} has ${bytes} bytes, more than ${BYTES_MAX}`);
  };

const FIRST =
  'Delta Ember Fjord Granite Harbor Iris Juniper Kestrel Lumen Meridian Northwind Orchard Pioneer Quarry Rowan Summit Tidal Umber Vertex Willow Yarrow Zephyr'.split(
    ' ',
  );
const SECOND = 'Health Logistics Foods Energy Studio Labs Press Textiles Marine Travel'.split(' ');

async function addOrganizations(admin) {
  const rows = Array.from({ length: ORGANIZATIONS_MORE }, (_, index) => {
    const first = FIRST[index % FIRST.length];
    const second = SECOND[(index + Math.floor(index / FIRST.length)) % SECOND.length];
    return { slug: `${first}-${second}`.toLowerCase(), name: `${first} ${second}` };
  });
  await admin.query(
    `insert into bulkhead.tenant (id, slug, name)
     select gen_random_uuid(), slug, name from jsonb_to_recordset($1) as r (slug text, name text)
     on conflict do nothing`,
    [JSON.stringify(rows)],
  );
}

/** The last day as the counter would have left it: busy by day, quiet by night, here and there a refusal. */
async function addYesterday(admin) {
  await admin.query(
    `insert into bulkhead.live_slot (tenant_id, slot, events, denials, last_at)
     select t.id, s.slot,
            greatest(0, round(t.size * (1.2 + sin(extract(epoch from s.slot) / 13750.0)) * (0.7 + 0.6 * random())))::integer,
            case when random() < 0.0004 * least(t.size, 4) then 1 + floor(random() * 2)::integer else 0 end,
            s.slot + interval '14 minutes'
       from (select id, exp(3 * random()) as size from bulkhead.tenant
              where id <> '00000000-0000-0000-0000-000000000000') as t
      cross join lateral (
        select date_bin('15 minutes', clock_timestamp(), 'epoch') - n * interval '15 minutes' as slot
          from generate_series(1, 95) as n) as s
     on conflict do nothing`,
  );
}

let failed;
try {
  await main();
} catch (error) {
  failed = error;
}
for (const stop of stops.reverse()) await stop().catch(() => {});
rmSync(FOLDER, { recursive: true, force: true });
if (failed !== undefined) throw failed;
process.exit(0);
