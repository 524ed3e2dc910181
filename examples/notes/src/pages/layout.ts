/** The frame around every page: the organization's rail at the side, or a bare door before sign-in. */
import { type Html, html } from '../html.ts';

export type Place =
  | 'overview'
  | 'notes'
  | 'projects'
  | 'invoices'
  | 'activity'
  | 'break-out'
  | 'security';

/** What every page of a signed-in person needs to know. */
export interface PageFrame {
  /** '' below a subdomain, '/t/acme' below a path. */
  readonly base: string;
  readonly slug: string;
  readonly organization: string;
  readonly personName: string;
  readonly personEmail: string;
  readonly formToken: string;
}

const PLACES: readonly { readonly place: Place; readonly path: string; readonly label: string }[] =
  [
    { place: 'overview', path: '/', label: 'Overview' },
    { place: 'notes', path: '/notes', label: 'Notes' },
    { place: 'projects', path: '/projects', label: 'Projects' },
    { place: 'invoices', path: '/invoices', label: 'Invoices' },
    { place: 'activity', path: '/activity', label: 'Activity' },
    { place: 'break-out', path: '/break-out', label: 'Try to break out' },
    { place: 'security', path: '/security', label: 'Your security' },
  ];

function document(title: string, slug: string, body: Html): string {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<link rel="stylesheet" href="/style.css">
<link rel="icon" href="/favicon.svg" type="image/svg+xml">
</head>
<body class="org-${slug}">${body}</body>
</html>`.text;
}

export function brand(organization: string, href: string): Html {
  return html`<a class="brand" href="${href}"><span class="mark" aria-hidden="true">${organization.slice(0, 1)}</span> ${organization}</a>`;
}

/** The hidden field that every form carries. */
export function tokenField(frame: PageFrame): Html {
  return html`<input type="hidden" name="form_token" value="${frame.formToken}">`;
}

export function page(frame: PageFrame, place: Place, title: string, content: Html): string {
  const links = PLACES.map(
    (one) =>
      html`<li><a href="${frame.base}${one.path}"${one.place === place ? html` aria-current="page"` : ''}>${one.label}</a></li>`,
  );
  return document(
    `${title} · ${frame.organization}`,
    frame.slug,
    html`<a class="skip" href="#content">Skip to content</a>
<div class="shell">
<header class="rail">
${brand(frame.organization, `${frame.base}/`)}
<nav aria-label="Main"><ul>${links}</ul></nav>
<div class="who"><strong>${frame.personName}</strong><span class="soft">${frame.personEmail}</span>
<form method="post" action="${frame.base}/sign-out">${tokenField(frame)}<button class="quiet">Sign out</button></form></div>
</header>
<main id="content">${content}</main>
</div>`,
  );
}

/** A page without the rail: sign-in, the landing page, errors. */
export function bare(title: string, slug: string, content: Html): string {
  return document(title, slug, content);
}

export function heading(title: string, below?: Html | string, aside?: Html): Html {
  return html`<div class="top"><div><h1>${title}</h1>${below ? html`<p>${below}</p>` : ''}</div>${aside}</div>`;
}
