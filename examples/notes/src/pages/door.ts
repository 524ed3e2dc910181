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

export function signInPage(options: {
  readonly base: string;
  readonly slug: string;
  readonly organization: string;
  readonly email: string;
  readonly failed: boolean;
}): string {
  return bare(
    `Sign in · ${options.organization}`,
    options.slug,
    html`<main class="door"><div class="card">${brand(options.organization, `${options.base}/sign-in`)}
<h1>Sign in</h1>
${options.failed && html`<p class="notice" role="alert">That e-mail and password do not belong together here.</p>`}
<form class="fields" method="post" action="${options.base}/sign-in">
<div><label for="email">E-mail</label><input id="email" name="email" type="email" autocomplete="username" required value="${options.email}"${options.email === '' ? html` autofocus` : ''}></div>
<div><label for="password">Password</label><input id="password" name="password" type="password" autocomplete="current-password" required${options.email === '' ? '' : html` autofocus`}></div>
<button>Sign in</button></form></div></main>`,
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
