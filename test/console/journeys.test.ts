/**
 * What people come to the console for, from the door to the end, in a real browser; each also without a pointer.
 *
 * Everything is found by its role and its name, as a screen reader tells it. Skipped, by name, where there is no
 * Chromium.
 */
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { canBrowse, patiently, settled, type Visit } from './support/browser.ts';
import { PASSWORD } from './support/console-ground.ts';
import { downTo, press, tabTo } from './support/keyboard.ts';
import { tour } from './support/tour.ts';

const PATIENCE = { timeout: 15_000 };

const here = tour({ isLeaking: true, isProven: true });
const { come } = here;
const comeAsNoor = (path?: string): Promise<Visit> => come(here.ground.people.noor, path);

describe.skipIf(!canBrowse)('with a pointer', patiently, () => {
  it('signs in with password and authenticator', async () => {
    const { page } = await come();
    await page.waitForURL(/sign-in/);
    await page.getByLabel('E-mail').fill(here.ground.people.arne.email);
    await page.getByRole('textbox', { name: /^Password/ }).fill('not the password');
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await page.getByRole('alert').waitFor();
    expect(await page.getByLabel('E-mail').inputValue()).toBe(here.ground.people.arne.email);
    await page.getByRole('textbox', { name: /^Password/ }).fill(PASSWORD);
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await page.getByRole('textbox', { name: /^Code/ }).waitFor();
    await page.keyboard.type(here.ground.people.arne.code());
    await page.getByRole('navigation', { name: 'Places' }).waitFor(PATIENCE);
    await page.getByText('Arne Auditor').waitFor();
  });

  it('tells at a glance that there is a hole, and leads to it', async () => {
    const { page } = await comeAsNoor();
    await page.getByRole('heading', { level: 1, name: /hole in the walls/ }).waitFor();
    await page.getByRole('heading', { name: /object leaks/ }).waitFor();
    await page.getByRole('heading', { name: /denied today/ }).waitFor();
    await page.getByRole('link', { name: 'See the hole and its fix' }).click();
    await page.getByRole('heading', { level: 1, name: /another organization’s rows/ }).waitFor();
  });

  it('opens an organization and reads its story', async () => {
    const { page } = await comeAsNoor('tenants');
    await page.getByRole('link', { name: 'Acme Robotics' }).click();
    await page.getByRole('heading', { level: 1, name: /Acme Robotics is open/ }).waitFor();
    await page.getByText('note written: Q3 numbers, draft 39').waitFor();
    await page.getByText('Mallory · statement denied').waitFor();
    await page.getByRole('link', { name: /^\d+ members$/ }).click();
    await page.getByRole('heading', { level: 1, name: /17 members/ }).waitFor();
  });

  it('walks the map to a leak, its SQL and its fix', async () => {
    const { page } = await comeAsNoor('isolation');
    await page.getByRole('button', { name: /invoice_report.*view.*leak/ }).click();
    const panel = page.getByRole('complementary', { name: 'public.invoice_report' });
    await panel
      .getByText(/select/i)
      .first()
      .waitFor();
    await panel.getByText('What closes it').waitFor();
    await panel
      .getByText(/security_invoker/)
      .first()
      .waitFor();
    expect(new URL(page.url()).searchParams.get('object')).toBe('public.invoice_report');
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      panel.getByRole('button', { name: 'Download' }).click(),
    ]);
    expect(download.suggestedFilename()).toBe('fix-public-invoice-report.sql');
  });

  it('filters the log, opens an event and sees its proof', async () => {
    const { page } = await comeAsNoor('audit?tenant=acme');
    await page.getByRole('combobox', { name: 'Filter the log' }).fill('outcome:denied');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: /found/ }).waitFor();
    await page.getByRole('button', { name: 'statement.denied' }).first().click();
    const panel = page.getByRole('complementary', { name: 'Event' });
    await panel.getByText('Mallory').waitFor();
    await panel.getByText('Recomputed in this browser: the root is the signed one').waitFor();
  });

  it('sees in a proof’s drawing no word under another, on whichever side the neighbours stand', async () => {
    const { page } = await comeAsNoor('audit?tenant=acme');
    const panel = page.getByRole('complementary', { name: 'Event' });
    const drawing = panel.getByRole('img', { name: /lead from entry/ });
    const entries = new Set<number>();
    // Neighbours: of three at least one is hashed with the entry on its right.
    for (const nth of [0, 1, 2]) {
      await page.locator('main tbody [data-opens]').nth(nth).click();
      await panel.getByText('Recomputed in this browser: the root is the signed one').waitFor();
      const label = await drawing.getAttribute('aria-label');
      entries.add(Number(/entry ([\d,]+)/.exec(label ?? '')?.[1]?.replaceAll(',', '')) % 2);
      const covered = await drawing.evaluate((svg) => {
        const boxes = [...svg.querySelectorAll('text')]
          .filter(({ textContent }) => textContent !== '')
          .map((text) => ({ text: text.textContent, box: text.getBoundingClientRect() }));
        return boxes.flatMap(({ text, box }, at) =>
          boxes
            .slice(at + 1)
            .filter(
              ({ box: other }) =>
                box.left < other.right &&
                other.left < box.right &&
                box.top < other.bottom &&
                other.top < box.bottom,
            )
            .map((other) => [text, other.text]),
        );
      });
      expect(covered).toEqual([]);
      await page.keyboard.press('Escape');
      await panel.waitFor({ state: 'detached' });
    }
    expect(entries.size).toBe(2);
  });

  it('takes a stretch of the log that was dragged over, and no press of a hand that shakes', async () => {
    const { page } = await come(here.ground.people.noor, 'audit?tenant=acme', { width: 'phone' });
    const chart = await page.getByRole('img', { name: /^Events over time/ }).boundingBox();
    if (chart === null) throw new Error('no histogram');
    const { x, y, width } = chart;
    const drag = async (pixels: number): Promise<URLSearchParams> => {
      await page.mouse.move(x + width / 2, y + 20);
      await page.mouse.down();
      await page.mouse.move(x + width / 2 + pixels, y + 20);
      await page.mouse.up();
      await settled(page);
      return new URL(page.url()).searchParams;
    };
    expect((await drag(3)).has('from')).toBe(false);
    expect((await drag(60)).has('from')).toBe(true);
  });

  it('exports what was found, and shows how far it is', async () => {
    const { page } = await comeAsNoor('audit?tenant=acme&action=note.written');
    await page.getByRole('button', { name: 'Export …' }).click();
    const dialog = page.getByRole('dialog', { name: 'Export' });
    await dialog.getByRole('heading', { name: 'Export 32 events' }).waitFor();
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      dialog.getByRole('button', { name: 'Export' }).click(),
    ]);
    expect(download.suggestedFilename()).toBe('acme.ndjson');
    expect(await linesOf(await download.createReadStream())).toBe(32);
    const tray = page.getByRole('complementary', { name: 'Long work' });
    await tray.getByText('32 events, saved where your browser saves files.').waitFor();
  });

  it('invites somebody', async () => {
    const { page } = await comeAsNoor('tenants/acme/invitations');
    await page.getByRole('button', { name: 'Invite somebody' }).click();
    const dialog = page.getByRole('dialog', { name: 'Invite somebody' });
    await dialog.getByLabel('E-mail').fill('zoe@acme.example');
    await dialog.getByRole('button', { name: 'Send the invitation' }).click();
    await dialog.waitFor({ state: 'detached' });
    await page.getByRole('cell', { name: 'zoe@acme.example' }).waitFor();
    await page.getByRole('heading', { level: 1, name: /not answered yet/ }).waitFor();
  });

  it('makes a role, gives it, and is told by the matrix and by explain', async () => {
    // A name of its own each time: what a try before has made is there already.
    const name = `Log reader ${Date.now()}`;
    const { page } = await comeAsNoor('tenants/acme/roles');
    await page.getByRole('button', { name: 'Make a role' }).click();
    const maker = page.getByRole('dialog', { name: 'Make a role' });
    await maker.getByLabel('Name').fill(name);
    await maker.getByRole('checkbox', { name: 'audit:read' }).check();
    await maker.getByText('It gains audit:read. Nobody has it yet.').waitFor();
    await maker.getByRole('button', { name: 'Make it' }).click();
    await maker.waitFor({ state: 'detached' });
    await page.getByRole('link', { name: 'People' }).click();
    await page.getByRole('button', { name: 'Chiara Rossi', exact: true }).click();
    await page.getByRole('button', { name: 'Give a role …' }).click();
    const giver = page.getByRole('dialog', { name: 'Give Chiara Rossi a role' });
    await giver.getByRole('combobox', { name: 'Role' }).click();
    await giver.getByRole('option', { name }).click();
    const shownRole = () => giver.getByRole('combobox', { name: 'Role' }).inputValue();
    await expect.poll(shownRole, { timeout: 10_000 }).toBe(name);
    await giver.getByRole('button', { name: 'Give it' }).click();
    await giver.waitFor({ state: 'detached' });
    await page.getByRole('link', { name: 'Roles' }).click();
    await page.getByRole('button', { name: 'Chiara Rossi may audit:read' }).click();
    await page.getByRole('heading', { level: 1, name: /Chiara Rossi may audit:read/ }).waitFor();
    await page
      .getByText(/log_reader/)
      .first()
      .waitFor();
  });

  it('changes a policy after its dry run', async () => {
    const { page } = await comeAsNoor('tenants/acme/policies?kind=mfa');
    await page.getByText('These are the values that every organization starts with.').waitFor();
    await page.getByText('Everyone', { exact: true }).click();
    await page.getByRole('heading', { name: 'What this would do' }).waitFor();
    await page.getByRole('button', { name: 'Let it hold' }).click();
    await page.getByText(/^Version 1, changed/).waitFor();
  });

  it('changes the appearance, finds its way by the palette, and signs out', async () => {
    const olga = await here.ground.operator('olga');
    const { page } = await come(olga);
    await page.getByRole('button', { name: 'Search or do …' }).click();
    await page.getByRole('combobox', { name: 'Search or do' }).fill('light');
    await page.getByRole('option', { name: /Light appearance/ }).click();
    await page.locator('html[data-mantine-color-scheme="light"]').waitFor();
    await page.getByRole('link', { name: 'Settings' }).click();
    await page.getByRole('heading', { level: 1 }).waitFor();
    await page.getByRole('button', { name: /olga/ }).click();
    await page.getByRole('menuitem', { name: 'Sign out' }).click();
    await page.waitForURL(/sign-in/);
    await page.goBack();
    await page.waitForURL(/sign-in/);
  });
});

describe.skipIf(!canBrowse)('by keyboard alone', patiently, () => {
  it('signs in with password and authenticator', async () => {
    const petra = await here.ground.operator('petra');
    const { page } = await come();
    await tabTo(page, 'textbox', 'E-mail');
    await page.keyboard.type(petra.email);
    await tabTo(page, 'textbox', /^Password/);
    await page.keyboard.type(PASSWORD);
    await press(page, 'Enter');
    await page.getByRole('textbox', { name: /^Code/ }).waitFor();
    await page.keyboard.type(petra.code());
    await page.getByRole('navigation', { name: 'Places' }).waitFor(PATIENCE);
  });

  it('goes from the glance to the hole', async () => {
    const { page } = await comeAsNoor();
    await tabTo(page, 'button', 'Go to the page');
    await press(page, 'Enter');
    expect(await focusedText(page)).toMatch(/hole in the walls/);
    await tabTo(page, 'link', 'See the hole and its fix');
    await press(page, 'Enter');
    await page.getByRole('heading', { level: 1, name: /another organization’s rows/ }).waitFor();
  });

  it('opens an organization and reads its story', async () => {
    const { page } = await comeAsNoor();
    await press(page, 'g', 't');
    await page.getByRole('link', { name: 'Acme Robotics' }).waitFor();
    await tabTo(page, 'link', 'Acme Robotics');
    await press(page, 'j');
    expect(await focusedText(page)).toBe('Borealis Coffee');
    await press(page, 'k', 'Enter');
    await page.getByRole('heading', { level: 1, name: /Acme Robotics is open/ }).waitFor();
  });

  it('walks the map to a leak and back to where it was', async () => {
    const { page } = await comeAsNoor();
    await press(page, 'g', 'i');
    const leak = /invoice_report.*view.*leak/;
    await page.getByRole('button', { name: leak }).waitFor();
    await tabTo(page, 'button', /table.*proven$|invoice_report/);
    for (let step = 0; step < 20 && !(await isOn(page, leak)); step += 1) {
      await press(page, 'ArrowUp');
    }
    await press(page, 'Enter');
    const panel = page.getByRole('complementary', { name: 'public.invoice_report' });
    await panel.getByText('What closes it').waitFor();
    await press(page, 'Escape');
    await panel.waitFor({ state: 'detached' });
    expect(await isOn(page, leak)).toBe(true);
  });

  it('filters the log, opens an event and sees its proof', async () => {
    const { page } = await comeAsNoor('audit?tenant=acme');
    await press(page, '/');
    await page.keyboard.type('outcome:d');
    await press(page, 'ArrowDown', 'Enter');
    await page.getByRole('heading', { level: 1, name: /found/ }).waitFor();
    await tabTo(page, 'button', 'statement.denied');
    await press(page, 'Enter');
    const panel = page.getByRole('complementary', { name: 'Event' });
    await panel.getByText('Recomputed in this browser: the root is the signed one').waitFor();
    await press(page, 'Escape');
    await panel.waitFor({ state: 'detached' });
    expect(await focusedText(page)).toBe('statement.denied');
  });

  it('opens the choice of a log among many and leaves it as it is', async () => {
    const { page } = await comeAsNoor();
    await page.route('**/overview/hull*', async (route) => {
      const answer = await route.fetch();
      const hull = (await answer.json()) as { slugs: string[]; names: string[] };
      const others = Array.from({ length: 70 }, (_, at) => `aaa-${at}`);
      hull.slugs.unshift(...others);
      hull.names.unshift(...others);
      await route.fulfill({ response: answer, json: hull });
    });
    await page.goto('audit?tenant=acme');
    await settled(page);
    await tabTo(page, 'combobox', 'Whose log');
    await press(page, 'ArrowDown');
    const chosen = page.getByRole('option', { name: 'Acme Robotics' });
    await chosen.waitFor();
    expect(await page.getByRole('option', { selected: true }).count()).toBe(0);
    await press(page, 'Enter');
    await chosen.waitFor({ state: 'detached' });
    expect(new URL(page.url()).searchParams.get('tenant')).toBe('acme');
    await press(page, 'ArrowDown', 'ArrowDown', 'Enter');
    await page.waitForURL(/tenant=bulkhead-operators/);
  });

  it('comes back to the row whose panel is closed, wherever the list has gone', async () => {
    const { page } = await comeAsNoor();
    await page.setViewportSize({ width: 1280, height: 400 });
    await page.goto('audit?tenant=acme');
    await settled(page);
    const rows = page.locator('main tbody tr:has([data-opens])');
    const first = page.locator('main tbody [data-opens]').first();
    const id = await first.textContent();
    await first.focus();
    await press(page, 'Enter');
    const panel = page.getByRole('complementary', { name: 'Event' });
    await panel.waitFor();
    await page.evaluate('scrollTo(0, document.body.scrollHeight)');
    // What the window has left is taken away, but for the row that is open.
    await page.locator('main tbody:has([data-selected]) + tbody > tr[aria-hidden]').waitFor();
    await press(page, 'Escape');
    await panel.waitFor({ state: 'detached' });
    expect(await focusedText(page)).toBe(id);
    const [shown, all] = [
      await rows.count(),
      Number(await page.getByRole('table').getAttribute('aria-rowcount')) - 1,
    ];
    expect(shown).toBeLessThan(all);
    await page.emulateMedia({ media: 'print' });
    await expect.poll(() => rows.count(), { timeout: 10_000 }).toBe(all);
  });

  it('goes back on a phone to the row it came from', async () => {
    const { page } = await come(here.ground.people.noor, 'audit?tenant=acme', { width: 'phone' });
    const seen = (): Promise<number> =>
      page.evaluate(
        `Number([...document.querySelectorAll('main tbody tr:not([aria-hidden])')].find((row) => row.getBoundingClientRect().top > 200)?.ariaRowIndex)`,
      );
    const scroll = async (): Promise<number> => {
      await page.mouse.wheel(0, 300);
      return seen();
    };
    await expect.poll(scroll, { timeout: 10_000 }).toBeGreaterThan(20);
    let before = Number.NaN;
    const isAtRest = async (): Promise<boolean> => {
      const last = before;
      before = await seen();
      return before === last;
    };
    await expect.poll(isAtRest, { timeout: 10_000 }).toBe(true);
    await page.evaluate(`document.querySelector('a[href*="isolation"]').click()`);
    await page.waitForURL(/isolation/);
    await settled(page);
    await page.goBack();
    await page.waitForURL(/audit/);
    await expect
      .poll(async () => Math.abs((await seen()) - before), { timeout: 10_000 })
      .toBeLessThanOrEqual(1);
  });

  it('exports what was found', async () => {
    const { page } = await comeAsNoor('audit?tenant=acme&action=invoice.paid');
    await page.getByRole('heading', { level: 1, name: /found/ }).waitFor();
    await tabTo(page, 'button', 'Export …');
    await press(page, 'Enter');
    const dialog = page.getByRole('dialog', { name: 'Export' });
    await dialog.waitFor();
    await tabTo(page, 'button', 'Export');
    const [download] = await Promise.all([page.waitForEvent('download'), press(page, 'Enter')]);
    expect(await linesOf(await download.createReadStream())).toBe(8);
  });

  it('invites somebody by the palette', async () => {
    const { page } = await comeAsNoor();
    await press(page, 'Control+k');
    await page.keyboard.type('invite');
    await press(page, 'Enter');
    await page.getByRole('dialog', { name: 'Invite somebody' }).waitFor();
    await tabTo(page, 'textbox', 'E-mail');
    await page.keyboard.type('yuri@acme.example');
    await press(page, 'Enter');
    await page.getByRole('cell', { name: 'yuri@acme.example' }).waitFor();
  });

  it('walks the matrix and is told why', async () => {
    const { page } = await comeAsNoor();
    await press(page, 'g', 'r');
    await page.getByRole('table').waitFor();
    await tabTo(page, 'button', / may (not )?[a-z_]+:/);
    await press(page, 'ArrowDown', 'ArrowRight');
    const asked = await page.locator(':focus').getAttribute('aria-label');
    await press(page, 'Enter');
    await page
      .getByRole('heading', { level: 1, name: asked?.replace(/ may.*$/, '') ?? 'nobody' })
      .waitFor();
  });

  it('changes a policy after its dry run', async () => {
    const { page } = await comeAsNoor('tenants/acme/policies');
    await tabTo(page, 'textbox', /length|characters/i);
    await press(page, 'Control+a');
    await page.keyboard.type('16');
    await page.getByRole('heading', { name: 'What this would do' }).waitFor();
    await page.getByRole('button', { name: 'Let it hold', disabled: false }).waitFor();
    await tabTo(page, 'button', 'Let it hold');
    await press(page, 'Enter');
    await page.getByText(/^Version 1, changed/).waitFor();
  });

  it('asks for the keys, changes the appearance and signs out', async () => {
    const rosa = await here.ground.operator('rosa');
    const { page } = await come(rosa);
    await press(page, '?');
    await page.getByRole('dialog', { name: 'Keys' }).waitFor();
    await press(page, 'Escape');
    await press(page, 'Control+k');
    await page.keyboard.type('light');
    await press(page, 'Enter');
    await page.locator('html[data-mantine-color-scheme="light"]').waitFor();
    await tabTo(page, 'button', /rosa/);
    await press(page, 'Enter');
    await page.getByRole('menuitem', { name: 'Sign out' }).waitFor();
    await downTo(page, 'Sign out');
    await press(page, 'Enter');
    await page.waitForURL(/sign-in/);
    await settled(page);
  });
});

const focusedText = async (page: Page): Promise<string> =>
  (await page.locator(':focus').textContent()) ?? '';

const isOn = async (page: Page, name: RegExp): Promise<boolean> =>
  name.test(await focusedText(page));

async function linesOf(stream: AsyncIterable<Buffer>): Promise<number> {
  let text = '';
  for await (const piece of stream) text += piece.toString('utf8');
  return text.split('\n').filter((line) => line !== '').length;
}
