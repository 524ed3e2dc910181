/** What a person can prove themselves with, and how they change it. Secrets are shown once, when they are made. */
import type { Factors } from 'bulkhead';
import { type Html, html } from '../html.ts';
import { moment } from './format.ts';
import { heading, type PageFrame, page, tokenField } from './layout.ts';
import { qrCode } from './qr-code.ts';

export interface Secrets {
  /** For the authenticator app. */
  readonly totp?: { readonly uri: string; readonly secret: string };
  readonly recoveryCodes?: readonly string[] | undefined;
}

export interface SecurityView {
  readonly factors: Factors;
  readonly devices: readonly {
    readonly id: string;
    readonly device: string;
    readonly lastSeenAt: Date;
  }[];
  /** The session that asks. */
  readonly own: string;
  readonly notice?: string;
  readonly wrong?: boolean;
  readonly secrets?: Secrets;
}

const SCRIPT = html`<script src="/passkeys.js" defer></script>`;

function form(frame: PageFrame, path: string, content: Html, shape = ''): Html {
  return html`<form class="${shape}" method="post" action="${frame.base}/security${path}">${tokenField(frame)}${content}</form>`;
}

const card = (title: string, content: Html): Html =>
  html`<section class="section"><header><h2>${title}</h2></header><div class="card pad">${content}</div></section>`;

export function securityPage(frame: PageFrame, view: SecurityView): string {
  const { factors, devices, own, notice, wrong, secrets } = view;
  return page(
    frame,
    'security',
    'Your security',
    html`${heading('Your security', 'How you prove that it is you. A second factor is asked for at every sign-in once you have one.')}
${notice !== undefined && html`<p class="notice ${wrong === true ? '' : 'held'}" role="status">${notice}</p>`}
<p class="notice" role="alert" id="passkey-notice" hidden></p>
${codes(secrets?.recoveryCodes)}
${card('Authenticator app', authenticator(frame, factors, secrets))}
${card('Passkeys', passkeys(frame, factors))}
${factors.totp !== null || factors.passkeys.length > 0 ? card('Recovery codes', html`<p>${factors.recoveryCodesLeft} of them are left. Each lets you in once, in place of the app or the passkey.</p>${form(frame, '/recovery-codes', html`<button class="quiet">Make new ones</button>`)}`) : ''}
${card('Password', password(frame))}
${card('Where you are signed in', sessions(frame, devices, own))}${SCRIPT}`,
  );
}

function codes(fresh: readonly string[] | undefined): Html {
  return html`<div class="card pad" id="fresh-codes"${fresh === undefined ? html` hidden` : ''}><h2>Your recovery codes</h2>
<p>Keep them where you will find them without this device. They are not shown again.</p><pre class="codes">${fresh?.join('\n') ?? ''}</pre></div>`;
}

function authenticator(frame: PageFrame, { totp }: Factors, secrets: Secrets | undefined): Html {
  if (secrets?.totp !== undefined) {
    const { uri, secret } = secrets.totp;
    return html`<p>Point your app’s camera at this, <a href="${uri}">open it there</a>, or type the key:</p>
${qrCode(uri, 'The key as a QR code')}
<p class="key">${secret.replace(/(.{4})(?=.)/g, '$1 ')}</p>
${form(frame, '/totp/confirm', html`<div><label for="code">The code that it shows</label><input id="code" name="code" inputmode="numeric" autocomplete="one-time-code" required autofocus></div><div><button>Confirm</button></div>`, 'fields')}`;
  }
  if (totp === null) {
    return html`<p>None yet. An app on your phone shows a new code every thirty seconds.</p>${form(frame, '/totp', html`<button>Set up</button>`)}`;
  }
  return html`<p>Set up since ${moment(new Date(totp.confirmedAt))}.</p>${form(frame, '/totp/remove', html`<button class="quiet">Remove</button>`)}`;
}

function passkeys(frame: PageFrame, factors: Factors): Html {
  const base = `${frame.base}/security`;
  return html`<ul class="lines">${factors.passkeys.map(
    ({
      id,
      name,
      createdAt,
      lastUsedAt,
    }) => html`<li><span><strong>${name}</strong><br><span class="soft small">since ${moment(new Date(createdAt))}${lastUsedAt !== null && `, last used ${moment(new Date(lastUsedAt))}`}</span></span>
<span>${form(frame, `/passkeys/${id}/rename`, html`<input name="name" aria-label="New name" value="${name}" required maxlength="100"><button class="quiet">Rename</button>`)}
${form(frame, `/passkeys/${id}/remove`, html`<button class="quiet">Remove</button>`)}</span></li>`,
  )}</ul>
${factors.passkeys.length === 0 && html`<p>None yet. A passkey is your fingerprint, your face or a key, and stands for password and second factor at once.</p>`}
<div class="inline"><div><label for="passkey-name">Name of a new one</label><input id="passkey-name" value="This device" maxlength="100"></div>
<button type="button" data-passkey="create" data-options="${base}/passkeys/options" data-answer="${base}/passkeys" data-confirm="${base}/confirm" hidden>Add a passkey</button></div>`;
}

function password(frame: PageFrame): Html {
  return form(
    frame,
    '/password',
    html`<div><label for="current">Present password</label><input id="current" name="current" type="password" autocomplete="current-password" required></div>
<div><label for="password">New password</label><input id="password" name="password" type="password" autocomplete="new-password" required></div>
<div><button>Change it, and sign out everywhere else</button></div>`,
    'fields',
  );
}

function sessions(frame: PageFrame, devices: SecurityView['devices'], own: string): Html {
  return html`<ul class="lines">${devices.map(
    ({
      id,
      device,
      lastSeenAt,
    }) => html`<li><span>${device}<br><span class="soft small">last seen ${moment(lastSeenAt)}</span></span>
${id === own ? html`<span class="chip good">this one</span>` : form(frame, `/sessions/${id}/end`, html`<button class="quiet">End</button>`)}</li>`,
  )}</ul>`;
}

/** Before a change of credentials, when the last proof was too long ago. */
export function confirmPage(
  frame: PageFrame,
  { factors, message }: { readonly factors: readonly string[]; readonly message?: string },
): string {
  const has = (factor: string): boolean => factors.includes(factor);
  const field = (kind: string, label: string, attributes: Html): Html =>
    form(
      frame,
      '/confirm',
      html`<input type="hidden" name="kind" value="${kind}"><div><label for="${kind}">${label}</label><input id="${kind}" name="code" required ${attributes}></div><div><button>Confirm</button></div>`,
      'fields',
    );
  return page(
    frame,
    'security',
    'Is it you?',
    html`${heading('Is it you?', 'This changes how you sign in, so prove it once more.')}
${message !== undefined && html`<p class="notice" role="alert">${message}</p>`}<p class="notice" role="alert" id="passkey-notice" hidden></p>
<div class="card pad">${has('password') && field('password', 'Your password', html`type="password" autocomplete="current-password" autofocus`)}
${has('totp') && field('totp', 'Code of your authenticator app', html`inputmode="numeric" autocomplete="one-time-code" autofocus`)}
${has('passkey') && html`<button type="button" data-passkey="get" data-options="${frame.base}/security/confirm/options" data-answer="${frame.base}/security/confirm/passkey" hidden>Use a passkey</button>`}
${has('recovery_code') && html`<details class="lost"><summary>I have neither at hand</summary>${field('recovery_code', 'One of your recovery codes', html`autocomplete="off" class="mono"`)}</details>`}</div>${SCRIPT}`,
  );
}
