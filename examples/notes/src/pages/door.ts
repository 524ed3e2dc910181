/** The pages before sign-in, and the page of an error. */
import { type Html, html } from '../html.ts';
import { bare, brand } from './layout.ts';

export interface LandingOrganization {
  readonly slug: string;
  readonly name: string;
  readonly people: readonly {
    readonly name: string;
    readonly title: string;
    readonly email: string;
  }[];
}

export function landingPage(
  organizations: readonly LandingOrganization[],
  password: string,
): string {
  const card = (one: LandingOrganization): Html => html`<li class="card pad org-${one.slug}">
${brand(one.name, `/t/${one.slug}/sign-in`)}
<ul class="people">${one.people.map(
    (person) =>
      html`<li><a href="/t/${one.slug}/sign-in?email=${encodeURIComponent(person.email)}">${person.name}</a><br><span class="soft">${person.title}</span></li>`,
  )}</ul></li>`;
  return bare(
    'Notes',
    'none',
    html`<main class="landing"><header><h1>Three organizations, one database</h1>
<p>The same tables hold the notes, projects and invoices of all three. Sign in as anyone below; everyone’s password is <strong class="mono">${password}</strong>. Then try to read what belongs to another.</p></header>
<ul class="cards">${organizations.map(card)}</ul></main>`,
  );
}

export interface Door {
  /** '' below a subdomain, '/t/acme' below a path. */
  readonly base: string;
  readonly slug: string;
  readonly organization: string;
  readonly formToken: string;
}

const SCRIPT = html`<script src="/passkeys.js" defer></script>`;

export function doorPage(door: Door, title: string, content: Html): string {
  return bare(
    `${title} · ${door.organization}`,
    door.slug,
    html`<main class="door"><div class="card">${brand(door.organization, `${door.base}/sign-in`)}
<h1>${title}</h1>${content}</div></main>`,
  );
}

export const notice = (message: string | undefined): Html =>
  html`${message !== undefined && html`<p class="notice" role="alert">${message}</p>`}`;

const alert = (message: string | undefined): Html =>
  html`${notice(message)}<p class="notice" role="alert" id="passkey-notice" hidden></p>`;

export const token = (door: Door): Html =>
  html`<input type="hidden" name="form_token" value="${door.formToken}">`;

/** Shown by the script alone: without one there are no passkeys. */
const passkeyButton = (door: Door, label: string): Html =>
  html`<button type="button" class="second" data-passkey="get" data-options="${door.base}/sign-in/passkey/options" data-answer="${door.base}/sign-in/passkey" hidden>${label}</button>`;

export function signInPage(
  door: Door,
  { email, message }: { readonly email: string; readonly message?: string },
): string {
  return doorPage(
    door,
    'Sign in',
    html`${alert(message)}
<form class="fields" method="post" action="${door.base}/sign-in">${token(door)}
<div><label for="email">E-mail</label><input id="email" name="email" type="email" autocomplete="username webauthn" required value="${email}"${email === '' ? html` autofocus` : ''}></div>
<div><label for="password">Password</label><input id="password" name="password" type="password" autocomplete="current-password" required${email === '' ? '' : html` autofocus`}></div>
<button>Sign in</button></form>${passkeyButton(door, 'Sign in with a passkey')}
<p class="way"><a href="${door.base}/forgot-password${email === '' ? '' : `?email=${encodeURIComponent(email)}`}">Forgot your password?</a></p>${SCRIPT}`,
  );
}

/** Whatever else somebody has set up; and where a password is too old, another one. */
export function nextStepPage(
  door: Door,
  { factors, message }: { readonly factors: readonly string[]; readonly message?: string },
): string {
  const action = `${door.base}/sign-in/next?with=${factors.join('.')}`;
  const field = (kind: string, label: string, attributes: Html): Html =>
    html`<form class="fields" method="post" action="${action}">${token(door)}<input type="hidden" name="kind" value="${kind}">
<div><label for="${kind}">${label}</label><input id="${kind}" name="code" required ${attributes}></div>
<button>Continue</button></form>`;
  const has = (factor: string): boolean => factors.includes(factor);
  return doorPage(
    door,
    has('new_password') ? 'Choose a new password' : 'One more step',
    html`${alert(message)}
${has('new_password') && field('new_password', 'New password', html`type="password" autocomplete="new-password" autofocus`)}
${has('totp') && field('totp', 'Code of your authenticator app', html`inputmode="numeric" autocomplete="one-time-code" maxlength="11" autofocus`)}
${has('passkey') && passkeyButton(door, 'Use a passkey')}
${has('recovery_code') && html`<details class="lost"><summary>I have neither at hand</summary>${field('recovery_code', 'One of your recovery codes', html`autocomplete="off" autocapitalize="off" spellcheck="false" class="mono"`)}</details>`}${SCRIPT}`,
  );
}

export interface WayBack {
  readonly href: string;
  readonly label: string;
}

export function errorPage(title: string, next: string, back: WayBack): string {
  return bare(
    title,
    'none',
    html`<main class="door"><div class="card"><h1>${title}</h1><p class="soft">${next}</p><p><a href="${back.href}">${back.label}</a></p></div></main>`,
  );
}
