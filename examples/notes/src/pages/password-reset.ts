/** For whoever has forgotten their password: asking for a link, and the page that the link leads to. */
import { type Html, html } from '../html.ts';
import { type Door, doorPage, notice, token } from './door.ts';
import { bare } from './layout.ts';

export function forgotPasswordPage(
  door: Door,
  { email, message }: { readonly email: string; readonly message?: string },
): string {
  return doorPage(
    door,
    'Forgot your password?',
    html`${notice(message)}
<p class="soft">We mail you a link by which you choose a new one.</p>
<form class="fields" method="post" action="${door.base}/forgot-password">${token(door)}
<div><label for="email">E-mail</label><input id="email" name="email" type="email" autocomplete="username" required autofocus value="${email}"></div>
<button>Mail me a link</button></form>
<p class="way"><a href="${door.base}/sign-in">Back to sign in</a></p>`,
  );
}

/** The same for an address that nobody has. */
export function resetRequestedPage(door: Door): string {
  return doorPage(
    door,
    'Look into your mailbox',
    html`<p>If somebody here has that address, a mail with a link is on its way. The link works once, for half an hour.</p>
<p class="soft">The demo has no mail server: <a href="/mailbox">its mailbox</a> holds what was sent.</p>
<p class="way"><a href="${door.base}/sign-in">Back to sign in</a></p>`,
  );
}

const doorless = (title: string, content: Html): string =>
  bare(
    `${title} · Notes`,
    'none',
    html`<main class="door"><div class="card"><h1>${title}</h1>${content}</div></main>`,
  );

export function newPasswordPage(form: {
  readonly formToken: string;
  /** Of the link, once it was sent; before, it stands behind the #, which no server is told. */
  readonly token?: string;
  readonly message?: string;
}): string {
  return doorless(
    'Choose a new password',
    html`${notice(form.message)}
<p class="soft">Every device that is signed in as you is signed out by it.</p>
<form class="fields" method="post" action="/reset-password"><input type="hidden" name="form_token" value="${form.formToken}"><input type="hidden" name="token" id="token" value="${form.token ?? ''}">
<div><label for="password">New password</label><input id="password" name="password" type="password" autocomplete="new-password" required autofocus></div>
<button>Set it</button></form><script src="/reset-password.js" defer></script>`,
  );
}

export const RESET_SCRIPT = `'use strict';
const token = location.hash.slice(1);
if (token !== '') document.getElementById('token').value = token;
// Out of the address, so that it is in no history and on no screen that is shared.
history.replaceState(null, '', location.pathname);
`;

export function passwordChangedPage(): string {
  return doorless(
    'Your password is set',
    html`<p>Sign in with it from now on.</p><p><a href="/">To your organization</a></p>`,
  );
}

export function linkDeadPage(): string {
  return doorless(
    'This link works no more',
    html`<p>It was used, or is older than half an hour. Ask for another one where you sign in.</p><p><a href="/">To your organization</a></p>`,
  );
}
