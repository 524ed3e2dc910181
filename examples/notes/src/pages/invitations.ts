/** The mailbox of the demo, and the page that the link of an invitation leads to. */
import { type Html, html } from '../html.ts';
import { moment } from './format.ts';
import { bare } from './layout.ts';

interface ShownMail {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly date: Date;
}

export function mailboxPage(mails: readonly ShownMail[]): string {
  const card = (mail: ShownMail): Html => html`<li class="card pad"><h2>${mail.subject}</h2>
<p class="soft">To ${mail.to}, ${moment(mail.date)}</p><pre class="mail">${linked(mail.text)}</pre></li>`;
  return bare(
    'Mailbox',
    'none',
    html`<main class="landing"><header><h1>Mailbox</h1>
<p>The demo has no mail server: whatever the app mails lies here. Invite somebody in the console or forget a password, and follow the link.</p></header>
${mails.length === 0 ? html`<p class="soft">No mail yet.</p>` : html`<ul class="mails">${mails.map(card)}</ul>`}</main>`,
  );
}

/** Addresses as links: those that Bulkhead wrote, since names that people chose hold none. */
function linked(text: string): readonly Html[] {
  return text
    .split(/(https?:\/\/\S+)/)
    .map((part, index) => (index % 2 === 1 ? html`<a href="${part}">${part}</a>` : html`${part}`));
}

export function invitationPage(): string {
  return bare(
    'Invitation',
    'none',
    html`<main class="door"><div class="card"><h1>You are invited</h1>
<p class="notice" role="alert" id="notice" hidden></p>
<p class="soft" id="where">One moment…</p>
<form class="fields" id="join" hidden>
<div><label for="email">E-mail</label><input id="email" type="email" autocomplete="username" readonly></div>
<div><label for="name">Your name</label><input id="name" autocomplete="name" required maxlength="200"></div>
<div><label for="password">Choose a password</label><input id="password" type="password" autocomplete="new-password" required></div>
<button>Join</button></form></div></main><script src="/invitation.js" defer></script>`,
  );
}

export const INVITATION_SCRIPT = `'use strict';
const token = location.hash.slice(1);
// Out of the address, so that it is in no history and on no screen that is shared.
history.replaceState(null, '', location.pathname);
const at = (id) => document.getElementById(id);
const post = async (path, body) => {
  const reply = await fetch(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  const answer = await reply.json();
  if (!reply.ok) throw new Error(answer.detail ?? answer.title);
  return answer;
};
const tell = (error) => {
  at('notice').textContent = error.message;
  at('notice').hidden = false;
};
post('/api/invitation/look', { token }).then(
  ({ tenant, email, name, passwordLengthMin }) => {
    at('where').textContent = 'Join ' + tenant + ' on Notes.';
    at('email').value = email;
    at('name').value = name ?? '';
    at('password').minLength = passwordLengthMin;
    at('join').hidden = false;
  },
  (error) => {
    at('where').hidden = true;
    tell(error);
  },
);
at('join').addEventListener('submit', (event) => {
  event.preventDefault();
  at('notice').hidden = true;
  post('/api/invitation/accept', { token, name: at('name').value, password: at('password').value })
    .then(({ location: next }) => location.assign(next))
    .catch(tell);
});
`;
