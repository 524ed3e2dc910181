/** The visitor's own attack: an expression goes unescaped into the SQL, the page shows what came of it. */
import { html } from '../html.ts';
import { heading, type PageFrame, page } from './layout.ts';

export interface BreakOutResult {
  readonly sql: string;
  readonly status: number;
  readonly body: string;
  readonly rows: number | undefined;
}

export function breakOutPage(
  frame: PageFrame,
  where: string,
  tries: readonly { readonly label: string; readonly where: string }[],
  result?: BreakOutResult,
): string {
  const action = `${frame.base}/break-out`;
  return page(
    frame,
    'break-out',
    'Try to break out',
    html`${heading('Try to break out', 'This search pastes what you type into its SQL. Nothing but Bulkhead stands behind it. What comes back must never be another organization’s.')}
<form method="get" action="${action}" class="fields">
<div><label for="where">Condition</label><textarea class="mono" id="where" name="where" rows="3" spellcheck="false" maxlength="4000">${where}</textarea></div>
<div><button>Run it</button></div></form>
<ul class="tries" aria-label="Attacks to try">${tries.map((one) => html`<li><a href="${action}?where=${encodeURIComponent(one.where)}">${one.label}</a></li>`)}</ul>
${
  result &&
  html`<section class="section" aria-live="polite"><header><h2>${
    result.rows === undefined
      ? 'Refused'
      : result.rows === 1
        ? 'One row came back'
        : `${result.rows} rows came back`
  }</h2><span class="code">HTTP ${result.status}</span></header>
<div class="card"><pre class="soft">${result.sql}</pre></div>
<div class="card"><pre>${result.body}</pre></div></section>`
}`,
  );
}
