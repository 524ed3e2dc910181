/** A link in a mail leads to a page that is there. */
import { expect, it } from 'vitest';
import { mailLinks } from './links.ts';

const app = { publicUrl: 'https://app.notes.example/' };
const console = 'https://ops.notes.example/bulkhead';

it.each([
  ['to the console where there is one', app, console, `${console}/console/reset-password`],
  [
    'to the page that the app names, wherever the console is',
    { ...app, passwordResetPath: '/new-password' },
    console,
    'https://app.notes.example/new-password',
  ],
  [
    'to the usual name below the app where there is no control plane',
    app,
    undefined,
    'https://app.notes.example/reset-password',
  ],
  ['nowhere where no address is known', {}, undefined, undefined],
])('leads %s', (_, settings, controlPlane, reset) => {
  const links = mailLinks(settings, controlPlane);
  expect(links.passwordReset).toBe(reset);
  expect(links.invitation === undefined).toBe(reset === undefined);
  expect(links.emailChange === undefined).toBe(reset === undefined);
});
