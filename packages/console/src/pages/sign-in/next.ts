/** Where somebody wanted to go before they were asked who they are: only ever a path of the console's own. */
export const nextPath = (next: string | undefined): string =>
  next !== undefined && /^\/(?![/\\])/.test(next) ? next : '/';
