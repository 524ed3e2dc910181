/**
 * The notes app's own pages in a real browser: a person signs in with a password, adds a passkey, signs out and comes
 * back by the passkey alone. Skipped, by name, where there is no Chromium.
 */
import { existsSync } from 'node:fs';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type NotesFixture, openNotes } from '../../examples/notes/src/testdata/notes-fixture.ts';

const CHROMIUM = process.env.CHROMIUM_PATH ?? '/usr/bin/chromium';
const here = existsSync(CHROMIUM);
/** What the fixture says of itself; passkeys are made for this origin alone. */
const PUBLIC = 'http://localhost:3000';

let notes: NotesFixture;
let browser: Browser;
let page: Page;
const faults: string[] = [];

beforeAll(async () => {
  if (!here) return;
  notes = await openNotes();
  const { port } = new URL(notes.origin);
  browser = await chromium.launch({
    executablePath: CHROMIUM,
    args: ['--no-sandbox', `--host-resolver-rules=MAP localhost:3000 127.0.0.1:${port}`],
  });
  page = await (await browser.newContext()).newPage();
  page.on('pageerror', ({ message }) => faults.push(message));
  const devtools = await page.context().newCDPSession(page);
  await devtools.send('WebAuthn.enable');
  await devtools.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
});
afterAll(async () => {
  if (!here) return;
  await browser.close();
  await notes.close();
});

it.runIf(here)('a passkey is added on the security page, and signs its owner in', async () => {
  const { email, password } = notes.people.acme;
  await page.goto(`${PUBLIC}/t/acme/sign-in`);
  await page.getByLabel('E-mail').fill(email);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await page.waitForURL(`${PUBLIC}/t/acme/`);

  await page.goto(`${PUBLIC}/t/acme/security`);
  await page.getByLabel('Name of a new one').fill('Laptop');
  await page.getByRole('button', { name: 'Add a passkey' }).click();
  const codes = page.locator('#fresh-codes pre');
  await codes.waitFor({ state: 'visible' });
  expect((await codes.innerText()).trim().split('\n')).toHaveLength(10);
  await page.reload();
  expect(await page.content()).toContain('Laptop');

  await page.context().clearCookies();
  await page.goto(`${PUBLIC}/t/acme/sign-in`);
  await page.getByRole('button', { name: 'Sign in with a passkey' }).click();
  await page.waitForURL(`${PUBLIC}/t/acme/`);
  const cookies = await page.context().cookies();
  expect(cookies.length).toBeGreaterThan(0);
  for (const { name, httpOnly } of cookies)
    expect({ name, httpOnly }).toEqual({ name, httpOnly: true });
  expect(faults).toEqual([]);
});
