/**
 * Colour, or none. The decision is made once, by the edge that knows the terminal; nobody else asks.
 */
import { styleText } from 'node:util';

type Colour = (text: string) => string;

/** Named by meaning, so that a palette can change in one place. */
export interface Paint {
  readonly ok: Colour;
  readonly fault: Colour;
  readonly warning: Colour;
  readonly strong: Colour;
  readonly faint: Colour;
  readonly accent: Colour;
}

/** What decides about colour: the flag, the environment's NO_COLOR (any value but empty), the terminal. */
export interface ColourSituation {
  readonly isTerminal: boolean;
  readonly noColor: string | undefined;
  readonly flag: boolean;
}

export function wantsColour(situation: ColourSituation): boolean {
  return situation.flag && situation.isTerminal && !situation.noColor;
}

export function createPaint(enabled: boolean): Paint {
  const colour =
    (format: Parameters<typeof styleText>[0]): Colour =>
    (text) =>
      // The stream was judged by `wantsColour`; styleText must not judge another one again.
      enabled ? styleText(format, text, { validateStream: false }) : text;
  return {
    ok: colour('green'),
    fault: colour('red'),
    warning: colour('yellow'),
    strong: colour('bold'),
    faint: colour('dim'),
    accent: colour('cyan'),
  };
}
