/**
 * What a mail says, and its two forms: plain text, and HTML that every client shows.
 *
 * Promises: what people chose (names of tenants and of each other) is escaped, has no line of its own making
 * and becomes no link: an invitation is no way to mail somebody an advertisement.
 */

export interface MailContent {
  readonly subject: string;
  readonly heading: string;
  readonly paragraphs: readonly string[];
  readonly action?: { readonly label: string; readonly url: string } | undefined;
  /** Below the line, smaller. */
  readonly notes: readonly string[];
}

const NAME_LENGTH_MAX = 100;

/** A name that somebody chose, as a mail may show it. */
export function shownName(name: string): string {
  const plain = name
    .normalize('NFC')
    .replace(/[\p{C}\p{Zl}\p{Zp}\s]+/gu, ' ')
    .replaceAll('://', ' ')
    .trim();
  const cut = [...plain].slice(0, NAME_LENGTH_MAX).join('');
  // A word joiner is not seen, and keeps mail programs from making a link of `evil.example` or `a@b`.
  return cut.replace(/(?<=\S)[.@](?=\S)/gu, (mark) => `\u2060${mark}\u2060`);
}

export function renderText({ heading, paragraphs, action, notes }: MailContent): string {
  const parts = [heading, ...paragraphs];
  if (action !== undefined) parts.push(`${action.label}:\n${action.url}`);
  return `${[...parts, ['-- ', ...notes].join('\n')].join('\n\n')}\n`;
}

const FONT =
  "font-family:-apple-system,BlinkMacSystemFont,'Segoe UI',Roboto,Helvetica,Arial,sans-serif";

/** Tables and styles in place, because that is what mail programs keep. */
export function renderHtml(content: MailContent, product: string): string {
  const { subject, heading, paragraphs, action, notes } = content;
  const body = [
    `<h1 style="margin:0 0 16px;font-size:22px;line-height:1.3;color:#10243e">${escapeHtml(heading)}</h1>`,
    ...paragraphs.map(
      (text) =>
        `<p style="margin:0 0 16px;font-size:15px;line-height:1.55;color:#33445a">${escapeHtml(text).replaceAll('\n', '<br>')}</p>`,
    ),
    ...(action === undefined
      ? []
      : [
          `<p style="margin:24px 0"><a href="${escapeHtml(action.url)}" style="display:inline-block;padding:12px 22px;border-radius:8px;background:#0f62d6;color:#ffffff;font-size:15px;font-weight:600;text-decoration:none">${escapeHtml(action.label)}</a></p>`,
          `<p style="margin:0 0 16px;font-size:13px;line-height:1.5;color:#6b7a8d">If the button does not work, copy this address into your browser:<br><span style="word-break:break-all">${escapeHtml(action.url)}</span></p>`,
        ]),
  ];
  const foot = notes.map((text) => `<p style="margin:0 0 8px">${escapeHtml(text)}</p>`).join('');
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escapeHtml(subject)}</title></head>
<body style="margin:0;padding:0;background:#eef2f7">
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" style="background:#eef2f7"><tr><td align="center" style="padding:32px 16px">
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" style="max-width:560px;${FONT}">
<tr><td style="padding:0 4px 14px;font-size:14px;font-weight:600;color:#10243e">${escapeHtml(product)}</td></tr>
<tr><td style="padding:32px;background:#ffffff;border-radius:12px;border:1px solid #dde5ee">
${body.join('\n')}
</td></tr>
<tr><td style="padding:18px 4px 0;font-size:12px;line-height:1.5;color:#6b7a8d">${foot}</td></tr>
</table></td></tr></table></body></html>
`;
}

function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}
