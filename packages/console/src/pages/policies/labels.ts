import { count } from '../../parts/time.ts';

/** What the settings of policies are called, for people. */
const labels: Readonly<Record<string, string>> = {
  lengthMin: 'Shortest password, in characters',
  lengthMax: 'Longest password, in characters',
  reuseHistory: 'Earlier passwords that may not come again',
  ageMaxDays: 'Changed at the latest after, in days',
  breachedCheck: 'Refuse passwords known from breaches',
  idleMaxMinutes: 'Ends when unused for, in minutes',
  ageMaxMinutes: 'Ends in any case after, in minutes',
  concurrentMax: 'Sessions at once, for each person',
  ipAllowlist: 'Only from these networks',
  keyAgeMaxDays: 'A key lasts, in days',
  scopesAllowed: 'Permissions that a key may carry',
  required: 'Who needs a second factor',
  roles: 'Roles that need one',
  stepUp: 'Ask again before dangerous actions',
  stepUpAgeMaxMinutes: 'Asked again after, in minutes',
};

const choices: Readonly<Record<string, readonly (readonly [value: string, label: string])[]>> = {
  required: [
    ['nobody', 'Nobody'],
    ['roles', 'Some roles'],
    ['everyone', 'Everyone'],
  ],
};

const lists = new Set(['ipAllowlist', 'scopesAllowed', 'roles']);

/** A setting that is newer than the console is named by its own words. */
export function labelOf(name: string): string {
  const words = name
    .replace(/([A-Z])/g, ' $1')
    .trim()
    .toLowerCase();
  return labels[name] ?? words.charAt(0).toUpperCase() + words.slice(1);
}

export const choicesOf = (name: string) => choices[name];
export const isList = (name: string): boolean => lists.has(name);

/** What a number of minutes or days comes to: 10080 minutes are 7 days. Nothing where the number says it itself. */
export function inWords(name: string, value: number): string | undefined {
  if (name.endsWith('Days') && value >= 365 && value % 365 === 0) return count(value / 365, 'year');
  if (!name.endsWith('Minutes') || value < 60) return undefined;
  const days = Math.floor(value / 1440);
  const hours = Math.floor((value % 1440) / 60);
  const minutes = value % 60;
  return [
    days > 0 && count(days, 'day'),
    hours > 0 && count(hours, 'hour'),
    minutes > 0 && count(minutes, 'minute'),
  ]
    .filter((part) => part !== false)
    .join(' ');
}
