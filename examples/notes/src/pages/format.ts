/** How money, days and moments read on a page. */
const MONEY = new Intl.NumberFormat('en-GB', { style: 'currency', currency: 'EUR' });
const DAY = new Intl.DateTimeFormat('en-GB', {
  day: 'numeric',
  month: 'short',
  year: 'numeric',
  timeZone: 'UTC',
});
const MOMENT = new Intl.DateTimeFormat('en-GB', {
  day: 'numeric',
  month: 'short',
  hour: '2-digit',
  minute: '2-digit',
  timeZone: 'UTC',
});

/** `pg` hands a bigint over as text. */
export function money(cents: string | number): string {
  return MONEY.format(Number(cents) / 100);
}

export function day(date: Date | string): string {
  return DAY.format(new Date(date));
}

export function moment(date: Date): string {
  return MOMENT.format(date);
}

export function plural(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}
