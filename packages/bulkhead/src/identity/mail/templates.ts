/** The mails that Bulkhead writes: from what was posted to what is said. */
import { z } from 'zod';
import { type MailContent, shownName } from './mail-content.ts';

export interface TemplateSettings {
  /** How the service is called. */
  readonly product: string;
  /** The page that an invitation's link leads to. */
  readonly invitationUrl: string | undefined;
  /** The page that the link to another address leads to. */
  readonly emailChangeUrl: string | undefined;
}

type Template = (
  settings: TemplateSettings,
  data: unknown,
  secret: Readonly<Record<string, string>>,
) => MailContent;

const invitationData = z.object({
  tenant: z.string(),
  inviter: z.string().optional(),
  name: z.string().optional(),
  expiresAt: z.string(),
});

const invitation: Template = (settings, given, secret) => {
  const data = invitationData.parse(given);
  const tenant = shownName(data.tenant);
  const product = shownName(settings.product);
  const by = data.inviter === undefined ? 'You are' : `${shownName(data.inviter)} has`;
  const invited = data.inviter === undefined ? 'invited' : 'invited you';
  return {
    subject: `${by} ${invited} to join ${tenant} on ${product}`,
    heading: `Join ${tenant} on ${product}`,
    paragraphs: [
      hello(data.name ?? ''),
      `${by} ${invited} to join the organization “${tenant}”. Accept the invitation to get in; if you have no account yet, you can make one on the way.`,
      `The link works once, for this address alone, until ${dayOf(data.expiresAt)}.`,
    ],
    action: {
      label: 'Accept the invitation',
      // Behind the #, which browsers keep to themselves: no server, proxy or referrer sees the token.
      url: `${settings.invitationUrl ?? '/invitation'}#${z.string().parse(secret.token)}`,
    },
    notes: [
      'You get this mail because somebody entered this address. If that makes no sense to you, ignore it: nothing happens unless you accept.',
    ],
  };
};

const personData = z.object({ name: z.string() });

const emailChange: Template = (settings, given, secret) => {
  const { name, expiresAt } = personData.extend({ expiresAt: z.string() }).parse(given);
  const product = shownName(settings.product);
  return {
    subject: `Confirm this address for ${product}`,
    heading: 'Is this your new address?',
    paragraphs: [
      hello(name),
      `you asked to sign in to ${product} with this address from now on. Until you confirm it, the one from before stays.`,
      `The link works once, until ${dayOf(expiresAt)}.`,
    ],
    action: {
      label: 'Confirm the address',
      url: `${settings.emailChangeUrl ?? '/confirm-email'}#${z.string().parse(secret.token)}`,
    },
    notes: [
      'You get this mail because somebody entered this address. If that makes no sense to you, ignore it: nothing happens unless you confirm.',
    ],
  };
};

const emailChangeAsked: Template = (settings, given) => {
  const { name } = personData.parse(given);
  const product = shownName(settings.product);
  return {
    subject: `Somebody asked for another address for your account on ${product}`,
    heading: 'Another address was asked for',
    paragraphs: [
      hello(name),
      `somebody who is signed in as you asked to change the address of your account on ${product}. It changes as soon as a link is followed that was mailed to the new one.`,
      'If it was you, there is nothing to do here. If it was not, set a new password now: that ends every session of yours, and the link with them.',
    ],
    notes: [`This mail was sent by ${product}. Nobody reads answers to it.`],
  };
};

const emailChanged: Template = (settings, given) => {
  const { name } = personData.parse(given);
  const product = shownName(settings.product);
  return {
    subject: `Your account on ${product} has another address now`,
    heading: 'Your address was changed',
    paragraphs: [
      hello(name),
      `your account on ${product} has another address now, and this one leads to it no more.`,
      `If it was not you, tell those who run ${product} at once: they can shut the account and see in its log what was done.`,
    ],
    notes: [`This mail was sent by ${product}. Nobody reads answers to it.`],
  };
};

const plainData = z.object({ subject: z.string().max(300), text: z.string().max(20_000) });

/** Whatever another part of Bulkhead has written out itself. */
const plain: Template = (settings, _data, secret) => {
  const { subject, text } = plainData.parse(secret);
  const product = shownName(settings.product);
  return {
    subject: oneLine(subject),
    heading: oneLine(subject),
    paragraphs: text.trim().split(/\n{2,}/),
    notes: [`This mail was sent by ${product}. Nobody reads answers to it.`],
  };
};

export const templates: Readonly<Record<string, Template>> = {
  invitation,
  email_change: emailChange,
  email_change_asked: emailChangeAsked,
  email_changed: emailChanged,
  plain,
};

const hello = (name: string): string => (name === '' ? 'Hello,' : `Hello ${shownName(name)},`);

const oneLine = (text: string): string => text.replace(/[\p{C}\p{Zl}\p{Zp}]+/gu, ' ').trim();

/** `5 March 2030, 14:30 UTC`: read the same way everywhere. */
function dayOf(time: string): string {
  const date = new Date(time);
  const day = date.toLocaleDateString('en-GB', { dateStyle: 'long', timeZone: 'UTC' });
  return `${day}, ${date.toISOString().slice(11, 16)} UTC`;
}
