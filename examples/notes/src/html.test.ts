import fc from 'fast-check';
import { expect, test } from 'vitest';
import { escapeHtml, html } from './html.ts';

test('whatever is put into a template cannot open a tag or leave a quoted attribute', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      expect(
        html`<p title="${text}">${text}</p>`.text.slice('<p title="'.length, -'</p>'.length),
      ).toBe(`${escapeHtml(text)}">${escapeHtml(text)}`);
      expect(escapeHtml(text)).not.toMatch(/[<>"']/);
    }),
  );
});

test('markup made by a template is kept as it is, and what is absent leaves nothing', () => {
  expect(
    html`<ul>${['a&b', '<'].map((one) => html`<li>${one}</li>`)}${undefined}${false}</ul>`.text,
  ).toBe('<ul><li>a&amp;b</li><li>&lt;</li></ul>');
});
