import { html } from '../html.ts';
import { day, money, plural } from './format.ts';
import { heading, type PageFrame, page, tokenField } from './layout.ts';

export interface Invoice {
  readonly id: string;
  readonly number: string;
  readonly customer: string;
  readonly project: string;
  readonly status: 'draft' | 'open' | 'paid';
  readonly issued_on: string;
  readonly due_on: string;
  readonly total_cents: string;
  readonly late: boolean;
}

export interface InvoiceLine {
  readonly position: number;
  readonly description: string;
  readonly quantity: number;
  readonly unit_cents: string;
}

function chip(invoice: Invoice) {
  if (invoice.late) return html`<span class="chip bad">overdue</span>`;
  const tone = { draft: '', open: 'warn', paid: 'good' }[invoice.status];
  return html`<span class="chip ${tone}">${invoice.status}</span>`;
}

export function invoicesPage(frame: PageFrame, invoices: readonly Invoice[]): string {
  return page(
    frame,
    'invoices',
    'Invoices',
    html`${heading('Invoices', plural(invoices.length, 'invoice'))}
<div class="card scroll tight" tabindex="0" role="region" aria-label="Invoices"><table>
<thead><tr><th scope="col">Customer</th><th scope="col" class="wide">Number</th><th scope="col" class="wide">Project</th><th scope="col" class="wide">Due</th><th scope="col">State</th><th scope="col" class="number">Total</th></tr></thead>
<tbody>${invoices.map(
      (invoice) =>
        html`<tr><td><a href="${frame.base}/invoices/${invoice.id}">${invoice.customer}</a></td><td class="code wide">${invoice.number}</td><td class="wide">${invoice.project}</td><td class="wide">${day(invoice.due_on)}</td><td>${chip(invoice)}</td><td class="number">${money(invoice.total_cents)}</td></tr>`,
    )}</tbody></table></div>`,
  );
}

export function invoicePage(
  frame: PageFrame,
  invoice: Invoice,
  lines: readonly InvoiceLine[],
): string {
  return page(
    frame,
    'invoices',
    `Invoice ${invoice.number}`,
    html`${heading(invoice.customer, html`Invoice <span class="code">${invoice.number}</span>, ${invoice.project}. Issued ${day(invoice.issued_on)}, due ${day(invoice.due_on)}.`, chip(invoice))}
<div class="card scroll tight" tabindex="0" role="region" aria-label="Lines of the invoice"><table>
<thead><tr><th scope="col">Description</th><th scope="col" class="number">Quantity</th><th scope="col" class="number wide">Each</th><th scope="col" class="number">Amount</th></tr></thead>
<tbody>${lines.map(
      (line) =>
        html`<tr><td>${line.description}</td><td class="number">${line.quantity}</td><td class="number wide">${money(line.unit_cents)}</td><td class="number">${money(line.quantity * Number(line.unit_cents))}</td></tr>`,
    )}</tbody>
<tfoot><tr><td>Total</td><td></td><td class="wide"></td><td class="number">${money(invoice.total_cents)}</td></tr></tfoot></table></div>
${invoice.status === 'open' && html`<form class="section" method="post" action="${frame.base}/invoices/${invoice.id}/paid">${tokenField(frame)}<button>Mark as paid</button></form>`}`,
  );
}
