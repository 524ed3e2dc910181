/** Thrown when bytes from outside are not what their format says; the message is one line and safe to show. */
export class Malformed extends Error {
  override readonly name = 'Malformed';
}
