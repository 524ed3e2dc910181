import { html } from '../html.ts';
import { day, moment, money, plural } from './format.ts';
import { heading, type PageFrame, page } from './layout.ts';

export interface Overview {
  readonly totals: {
    readonly open_cents: string;
    readonly open_count: number;
    readonly late_cents: string;
    readonly late_count: number;
    readonly active_projects: number;
    readonly recent_notes: number;
  };
  readonly notes: readonly {
    id: string;
    title: string;
    project: string;
    author: string;
    updated_at: Date;
  }[];
  readonly due: readonly {
    id: string;
    number: string;
    customer: string;
    due_on: string;
    total_cents: string;
    late: boolean;
  }[];
}

export function overviewPage(frame: PageFrame, { totals, notes, due }: Overview): string {
  const { base } = frame;
  return page(
    frame,
    'overview',
    'Overview',
    html`${heading(`Hello, ${frame.personName.split(' ')[0] ?? ''}`, `What happens at ${frame.organization}.`)}
<dl class="tiles">
<div><dt>Open invoices</dt><dd>${money(totals.open_cents)}<small>${plural(totals.open_count, 'invoice')}</small></dd></div>
<div${totals.late_count > 0 ? html` class="late"` : ''}><dt>Overdue</dt><dd>${money(totals.late_cents)}<small>${plural(totals.late_count, 'invoice')}</small></dd></div>
<div><dt>Active projects</dt><dd>${totals.active_projects}</dd></div>
<div><dt>Notes, last 30 days</dt><dd>${totals.recent_notes}</dd></div>
</dl>
<div class="columns">
<section class="section"><header><h2>Latest notes</h2><a href="${base}/notes">All notes</a></header>
<ul class="rows card">${notes.map(
      (note) => html`<li><a class="title" href="${base}/notes/${note.id}">${note.title}</a>
<p class="meta"><span>${note.project}</span><span>${note.author}</span><span>${moment(note.updated_at)}</span></p></li>`,
    )}</ul></section>
<section class="section"><header><h2>To be paid</h2><a href="${base}/invoices">All invoices</a></header>
<ul class="rows card">${due.map(
      (
        invoice,
      ) => html`<li><a class="title" href="${base}/invoices/${invoice.id}">${invoice.customer}</a>
<p class="meta"><span>${money(invoice.total_cents)}</span><span class="code">${invoice.number}</span>
<span class="chip ${invoice.late ? 'bad' : ''}">${invoice.late ? 'was due' : 'due'} ${day(invoice.due_on)}</span></p></li>`,
    )}</ul></section>
</div>`,
  );
}
