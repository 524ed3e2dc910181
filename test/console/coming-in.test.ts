/**
 * The ways in: by an invitation's link, by the domain of one's address, by a new password, by a passkey; and what
 * stands before some, a second factor to set up or a password too old. In a real browser, some without a pointer.
 */
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { canBrowse, patiently, settled } from './support/browser.ts';
import { ACME, type ConsolePerson, PASSWORD } from './support/console-ground.ts';
import { downTo, press, tabTo } from './support/keyboard.ts';
import { change } from './support/session.ts';
import { tour } from './support/tour.ts';

const OTHER_PASSWORD = 'another horse, another staple';
const BOREALIS = 'b0000001-0000-4000-8000-000000000002';
const COBALT = 'b0000002-0000-4000-8000-000000000002';

const here = tour({ isLived: false });

/** The link of a mail, as soon as the mail is there. */
async function linkTo(email: string, page: string): Promise<string> {
  const { mail } = here.ground.bulkhead.identity;
  const link = new RegExp(`http\\S+/${page}#[\\w-]+`);
  for (;;) {
    await mail.sendDue();
    const found = (await mail.mailbox())
      .filter(({ to }) => to === email)
      .flatMap(({ text }) => link.exec(text)?.[0] ?? []);
    if (found[0] !== undefined) return found[0];
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function invite(tenant: string, email: string): Promise<string> {
  const { ground } = here;
  const body = { email, role: 'admin' };
  const answer = await change(ground, ground.people.noor, `tenants/${tenant}/invitations`, body);
  expect(answer.status).toBe(201);
  return linkTo(email, 'invitation');
}

async function demand(tenant: string, kind: string, body: object): Promise<void> {
  const { ground } = here;
  const path = `tenants/${tenant}/policies/${kind}`;
  const answer = await change(ground, ground.people.noor, path, { body, version: 0 }, 'PUT');
  expect(answer.status).toBe(200);
}

async function signIn(page: Page, email: string, password: string): Promise<void> {
  await page.getByLabel('E-mail').fill(email);
  await page.getByRole('textbox', { name: /^Password/ }).fill(password);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
}

const inside = (page: Page, organization: string): Promise<void> =>
  page.getByRole('heading', { level: 1, name: new RegExp(`${organization} is open`) }).waitFor();

async function chooseTwice(page: Page, password: string): Promise<void> {
  await page.getByRole('textbox', { name: 'New password' }).fill(password);
  await page.getByRole('textbox', { name: 'The same again' }).fill(password);
}

describe.skipIf(!canBrowse)('an invitation', patiently, () => {
  it('brings somebody in with a new account, once', async () => {
    const link = await invite('acme', 'nia@acme.example');
    expect(link.startsWith(here.ground.url)).toBe(true);
    const { page } = await here.come(undefined, link);
    await page.getByRole('heading', { level: 1, name: 'Join Acme Robotics' }).waitFor();
    await page.waitForURL(/\/invitation$/);
    await page.reload();
    await page.getByRole('textbox', { name: 'Your name' }).fill('Nia Mensah');
    await page.getByRole('textbox', { name: 'New password' }).fill(PASSWORD);
    await page.getByRole('textbox', { name: 'The same again' }).fill('correct house');
    await page.getByText('They differ.').waitFor();
    await page.getByRole('textbox', { name: 'The same again' }).fill(PASSWORD);
    await page.getByRole('button', { name: 'Make an account and join' }).click();
    await inside(page, 'Acme Robotics');
    await page.getByText('Nia Mensah').first().waitFor();
    const again = await here.come(undefined, link);
    await again.page.getByRole('heading', { name: 'This invitation leads nowhere' }).waitFor();
    await again.page.getByText('identity.invitation_refused').waitFor();
  });

  it('is accepted with the account that one has, by keyboard alone', async () => {
    const ivo = await here.ground.member('Ivo Marin', [ACME]);
    const { page } = await here.come(undefined, await invite('borealis', ivo.email));
    await tabTo(page, 'link', 'Sign in to accept');
    await press(page, 'Enter');
    await page.getByRole('heading', { level: 1, name: 'Sign in' }).waitFor();
    await tabTo(page, 'textbox', 'E-mail');
    await page.keyboard.type(ivo.email);
    await tabTo(page, 'textbox', /^Password/);
    await page.keyboard.type(PASSWORD);
    await press(page, 'Enter');
    await page.getByRole('button', { name: 'Join as Ivo Marin' }).waitFor();
    await tabTo(page, 'button', 'Join as Ivo Marin');
    await press(page, 'Enter');
    await inside(page, 'Borealis Coffee');
  });

  it('says whom it is for to whoever else is signed in', async () => {
    const jana = await here.ground.member('Jana Novak', [ACME]);
    const { page } = await here.come(jana, await invite('cobalt', 'kofi@cobalt.example'));
    await page.getByText(`You are signed in as ${jana.email}`).waitFor();
    await page.getByRole('button', { name: 'Sign out and go on' }).click();
    await page.getByRole('button', { name: 'Make an account and join' }).waitFor();
  });
});

describe.skipIf(!canBrowse)('somebody of several organizations', patiently, () => {
  it('says which one, and goes to another, by keyboard alone', async () => {
    const mona = await here.ground.member('Mona Lindqvist', [ACME, BOREALIS]);
    const { page } = await here.come(mona);
    await page.getByRole('heading', { level: 1, name: 'Where to?' }).waitFor();
    await tabTo(page, 'button', 'Enter Acme Robotics');
    await press(page, 'Enter');
    await inside(page, 'Acme Robotics');
    await settled(page);
    await tabTo(page, 'button', /Mona/);
    await press(page, 'Enter');
    await page.getByRole('menuitem', { name: 'Another organization' }).waitFor();
    await downTo(page, 'Another organization');
    await press(page, 'Enter');
    await page.getByRole('button', { name: 'Enter Borealis Coffee' }).waitFor();
    await tabTo(page, 'button', 'Enter Borealis Coffee');
    await press(page, 'Enter');
    await inside(page, 'Borealis Coffee');
    await page.reload();
    await inside(page, 'Borealis Coffee');
  });

  it('joins the one that their address opens', async () => {
    const cora = await here.ground.member('Cora Webb', [], 'cora@cobalt.example');
    await here.ground.admin.query(
      `insert into bulkhead.tenant_verified_domain (tenant_id, domain, role, challenge, status, created_by, verified_at)
       values ($1, 'cobalt.example', 'member', 'a challenge', 'verified', 'system:test', now())`,
      [COBALT],
    );
    const { page } = await here.come(cora);
    await page.getByRole('heading', { level: 1, name: 'You are nowhere yet' }).waitFor();
    await page.getByRole('button', { name: 'Join Cobalt Architects' }).click();
    // A member who administers nothing finds what is their own, and no door that is shut.
    await page.getByRole('heading', { level: 1, name: /A password is all/ }).waitFor();
    await page
      .getByRole('listitem')
      .filter({ hasText: 'Cobalt Architects' })
      .getByText('here')
      .waitFor();
  });
});

describe.skipIf(!canBrowse)('a password', patiently, () => {
  it('that is forgotten is set anew by a mail', async () => {
    const nils = await here.ground.member('Nils Aker', [ACME]);
    const { page } = await here.come();
    await page.getByLabel('E-mail').fill(nils.email);
    await page.getByRole('link', { name: 'Forgot your password?' }).click();
    await page.getByRole('button', { name: 'Send the link' }).click();
    await page.getByRole('heading', { level: 1, name: 'Look into your mail' }).waitFor();
    await page.goto(await linkTo(nils.email, 'reset-password'));
    await page.getByRole('heading', { level: 1, name: 'Set a new password' }).waitFor();
    await page.waitForURL(/\/reset-password$/);
    await chooseTwice(page, OTHER_PASSWORD);
    await page.getByRole('button', { name: 'Set it' }).click();
    await page.getByRole('button', { name: 'Sign in' }).click();
    await signIn(page, nils.email, OTHER_PASSWORD);
    await inside(page, 'Acme Robotics');
  });

  it('that is too old is changed before anything else', async () => {
    const ola = await here.ground.member('Ola Berg', [COBALT]);
    await demand('cobalt', 'password', { ageMaxDays: 30 });
    await here.ground.admin.query(
      `update bulkhead.password set changed_at = now() - interval '31 days' where user_id = $1`,
      [ola.id],
    );
    const { page } = await here.come();
    await signIn(page, ola.email, PASSWORD);
    await page.getByRole('heading', { level: 1, name: 'A new password' }).waitFor();
    await chooseTwice(page, OTHER_PASSWORD);
    await page.getByRole('button', { name: 'Set it and go on' }).click();
    await inside(page, 'Cobalt Architects');
  });
});

describe.skipIf(!canBrowse)('an address', patiently, () => {
  it('is changed by a link that is mailed to the new one', async () => {
    const una = await here.ground.member('Una Falk', [COBALT]);
    const { page } = await here.come(una, 'account');
    await page.getByLabel('New e-mail').fill('una.falk@new.example');
    await page.getByRole('button', { name: 'Send the link' }).click();
    await page.getByText('A link is on its way to una.falk@new.example').last().waitFor();
    await page.goto(await linkTo('una.falk@new.example', 'confirm-email'));
    await page.getByRole('button', { name: 'Confirm it' }).click();
    await page.getByRole('heading', { level: 1, name: 'The address is yours' }).waitFor();
    await page.getByRole('button', { name: 'Go to your account' }).click();
    await page.getByText('You sign in as una.falk@new.example').waitFor();
  });
});

describe.skipIf(!canBrowse)('a second factor', patiently, () => {
  it('that an organization demands is set up before one is let in', async () => {
    const pia = await here.ground.member('Pia Roth', [BOREALIS]);
    await demand('borealis', 'mfa', { required: 'everyone' });
    const { page } = await here.come();
    await signIn(page, pia.email, PASSWORD);
    await page.getByRole('heading', { level: 1, name: 'Set up a second factor' }).waitFor();
    await page.getByRole('button', { name: 'Set one up …' }).click();
    const dialog = page.getByRole('dialog', { name: 'Set up an authenticator' });
    const secret = (await dialog.locator('pre, code').first().textContent()) ?? '';
    await dialog.getByRole('textbox', { name: /^Code/ }).fill(here.ground.codeOf(secret));
    const codes = page.getByRole('dialog', { name: 'Your recovery codes' });
    await codes.getByRole('button', { name: 'I have kept them' }).click();
    await page.getByRole('heading', { level: 1, name: 'You have a second factor' }).waitFor();
    await page.getByRole('button', { name: 'Go on' }).click();
    await inside(page, 'Borealis Coffee');
  });

  it('is a passkey: made, asked for again before what is dangerous, and enough to sign in', async () => {
    const { ground } = here;
    const rami = await ground.member('Rami Saleh', [ACME]);
    const { page, context } = await here.come(rami, 'account');
    await carryAuthenticator(page);
    await page.getByRole('textbox', { name: 'Name of a new passkey' }).fill('Work laptop');
    await page.getByRole('button', { name: 'Add a passkey' }).click();
    const codes = page.getByRole('dialog', { name: 'Your recovery codes' });
    await codes.getByRole('button', { name: 'I have kept them' }).click();
    await page.getByRole('heading', { level: 1, name: /You sign in with a passkey/ }).waitFor();
    await age(rami);
    await page.getByRole('button', { name: 'Make new ones …' }).click();
    await page.getByRole('button', { name: 'Make new ones', exact: true }).click();
    const again = page.getByRole('dialog', { name: 'Show that it is you' });
    await again.getByRole('button', { name: 'Use a passkey' }).click();
    await codes.getByRole('button', { name: 'I have kept them' }).click();
    await context.clearCookies();
    await page.goto('sign-in');
    await page.getByRole('button', { name: 'Sign in with a passkey' }).click();
    await inside(page, 'Acme Robotics');
  });
});

/** A device that keeps passkeys, and a person at it who always agrees. */
async function carryAuthenticator(page: Page): Promise<void> {
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
}

/** They proved who they are twenty minutes ago, and not since. */
async function age({ id }: ConsolePerson): Promise<void> {
  await here.ground.admin.query(
    `update bulkhead.session set authenticated_at = now() - interval '20 minutes',
            mfa_at = mfa_at - interval '20 minutes' where user_id = $1`,
    [id],
  );
}
