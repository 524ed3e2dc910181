import { html } from '../html.ts';
import { moment } from './format.ts';
import { heading, type PageFrame, page } from './layout.ts';

export interface ActivityRow {
  readonly at: Date;
  readonly person: string;
  readonly verb: string;
  readonly object: string;
}

export function activityPage(frame: PageFrame, rows: readonly ActivityRow[]): string {
  return page(
    frame,
    'activity',
    'Activity',
    html`${heading('Activity', 'Who did what, newest first.')}
<ul class="rows card">${rows.map(
      (row) =>
        html`<li><strong>${row.person}</strong> ${row.verb} ${row.object}<p class="meta">${moment(row.at)}</p></li>`,
    )}</ul>`,
  );
}
