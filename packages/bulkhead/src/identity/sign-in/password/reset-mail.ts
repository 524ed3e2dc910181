/** The mail that carries a link to set a password. */

/** Names come from people: a line break in one must not become a header or a second line. */
const oneLine = (text: string): string => text.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ').trim();

export function resetMail(name: string, url: string): { subject: string; text: string } {
  const greeting = oneLine(name) === '' ? 'Hello' : `Hello ${oneLine(name)}`;
  return {
    subject: 'Set a new password',
    text: `${greeting},

somebody, probably you, asked to set a new password for your account. This link does that, once, within
30 minutes:

${url}

It ends all your sessions. If you did not ask for it, ignore this mail; your password stays as it is.
`,
  };
}
