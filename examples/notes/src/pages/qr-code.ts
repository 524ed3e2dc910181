/** A text as a QR code: markup of numbers alone, without a style or a script, so that the strictest policy shows it. */
import { encode } from 'uqr';
import { type Html, html } from '../html.ts';

/** The white edge that readers need, in modules (ISO/IEC 18004). */
const QUIET_ZONE = 4;

export function qrCode(text: string, label: string): Html {
  const { data, size } = encode(text, { ecc: 'M', border: QUIET_ZONE });
  const dark = data.flatMap((row, y) =>
    row.flatMap((isDark, x) => (isDark ? `M${x} ${y}h1v1h-1z` : [])),
  );
  return html`<svg class="qr" viewBox="0 0 ${size} ${size}" role="img" aria-label="${label}" shape-rendering="crispEdges"><rect width="${size}" height="${size}" fill="#fff"/><path d="${dark.join('')}" fill="#000"/></svg>`;
}
