/**
 * Every page in both themes and both widths: nothing that axe finds serious, nothing wider than the window, and a
 * picture of each, kept with the run's results.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  canBrowse,
  openBrowser,
  patiently,
  picture,
  type Theme,
  type Visit,
  visit,
  type Width,
  widths,
} from './support/browser.ts';
import { type ConsoleGround, createConsoleGround } from './support/console-ground.ts';
import { change } from './support/session.ts';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

const PAGES: Readonly<Record<string, string>> = {
  overview: './',
  tenants: 'tenants',
  'tenants new': 'tenants?new=1',
  isolation: 'isolation?view=map',
  'isolation leak': 'isolation?view=list&object=public.invoice_report',
  audit: 'audit?tenant=acme',
  'audit denied': 'audit?tenant=acme&outcome=denied',
  'audit operators': 'audit?tenant=bulkhead-operators',
  story: 'tenants/acme',
  reason: 'tenants/borealis',
  people: 'tenants/acme/people',
  person: 'tenants/acme/people?person=user%3Abruno',
  invitations: 'tenants/acme/invitations',
  'invitations new': 'tenants/acme/invitations?new=1',
  matrix: 'tenants/acme/roles',
  role: 'tenants/acme/roles?view=roles&role=auditor',
  explain: 'tenants/acme/explain?actor=user%3Abruno&permission=audit%3Aread',
  policies: 'tenants/acme/policies?kind=session',
  keys: 'tenants/acme/keys',
  users: 'users',
  organizations: 'organizations',
  account: 'account',
  settings: 'settings',
  'not found': 'no/such/page',
};

/** Before anybody is inside. */
const DOORS: Readonly<Record<string, string>> = {
  'sign-in': 'sign-in',
  'forgot password': 'forgot-password',
  'reset password': 'reset-password#bhr_a-token-of-a-mail',
  'confirm email': 'confirm-email#bhe_a-token-of-a-mail',
};

interface Violation {
  readonly id: string;
  readonly impact: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[];
}

let ground: ConsoleGround;
let browser: Browser;

beforeAll(async () => {
  if (!canBrowse) return;
  ground = await createConsoleGround({ isLeaking: true, isProven: true });
  const { noor } = ground.people;
  await change(ground, noor, 'tenants/acme/invitations', {
    email: 'zoe@acme.example',
    role: 'member',
  });
  browser = await openBrowser();
}, 300_000);
afterAll(async () => {
  if (!canBrowse) return;
  await browser.close();
  await ground.close();
});

/** What axe finds serious or critical, what is wider than the window, and tables with room for nothing. */
async function faultsOf(page: Page, width: Width): Promise<string[]> {
  await page.evaluate(AXE);
  const found = await page.evaluate<Violation[]>(
    `axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) => violations)`,
  );
  const wide = await page.evaluate<number>('document.documentElement.scrollWidth');
  return [
    ...found
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .map(
        ({ id, nodes }) =>
          `${id}: ${nodes[0]?.html.slice(0, 200)} (${nodes.length}) ${nodes[0]?.failureSummary ?? ''}`,
      ),
    ...(wide > widths[width] ? [`${wide} pixels wide`] : []),
    ...(await page.evaluate<string[]>(emptyColumns)),
  ];
}

/** A column that is left out where it's narrow gives its room to the others. */
const emptyColumns = `[...document.querySelectorAll('main table:has(> colgroup)')]
  .map((table) => [table.offsetWidth, [...table.tHead.rows[0].cells].reduce((sum, cell) => sum + cell.offsetWidth, 0)])
  .filter(([whole, shown]) => shown < whole - 2)
  .map(([whole, shown]) => 'columns take ' + shown + ' of ' + whole + ' pixels')`;

async function linkOfInvitation(): Promise<string> {
  const { mail } = ground.bulkhead.identity;
  await mail.sendDue();
  const [link] = (await mail.mailbox()).flatMap(({ text }) => /http\S+#\S+/.exec(text) ?? []);
  if (link === undefined) throw new Error('nobody was invited');
  return link;
}

async function look(one: Visit, name: string, width: Width, theme: Theme): Promise<string[]> {
  const faults = await faultsOf(one.page, width);
  await picture(one.page, `${name} ${width} ${theme}`);
  return [...faults, ...one.faults.splice(0)].map((fault) => `${name}: ${fault}`);
}

const looks = (['desk', 'phone'] as const).flatMap((width) =>
  (['dark', 'light'] as const).map((theme) => ({ width, theme })),
);

describe.skipIf(!canBrowse)('pages', patiently, () => {
  it.each(looks)(
    'can be read by everybody on a $width, $theme',
    async ({ width, theme }) => {
      const faults: string[] = [];
      const away = await visit(browser, ground, { width, theme });
      const doors = { ...DOORS, invitation: await linkOfInvitation() };
      for (const [name, path] of Object.entries(doors)) {
        await away.go(path);
        faults.push(...(await look(away, name, width, theme)));
      }
      await away.context.close();
      const one = await visit(browser, ground, { width, theme, as: ground.people.noor });
      for (const [name, path] of Object.entries(PAGES)) {
        await one.go(path);
        faults.push(...(await look(one, name, width, theme)));
      }
      await one.go('audit?tenant=acme&action=invoice.paid');
      await one.page.getByRole('button', { name: 'invoice.paid', exact: true }).first().click();
      const drawn = one.page.getByText(/Recomputed in this browser: the root/);
      await drawn.waitFor().catch(() => faults.push('event: the proof is not drawn'));
      faults.push(...(await look(one, 'event', width, theme)));
      await one.page.keyboard.press('Escape');
      await one.page.keyboard.press('Control+k');
      await one.page.getByRole('combobox', { name: 'Search or do' }).waitFor();
      faults.push(...(await look(one, 'palette', width, theme)));
      await one.context.close();
      expect(faults).toEqual([]);
    },
    300_000,
  );
});
