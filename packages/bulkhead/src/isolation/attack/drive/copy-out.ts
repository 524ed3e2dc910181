/** The smallest stream reader for `COPY … TO STDOUT` that a scoped client takes: collects the bytes. */

interface CopyConnection {
  query(text: string): void;
}

export class CopyOut {
  readonly text: string;
  readonly #chunks: Buffer[] = [];
  readonly #done: (error: Error | undefined, bytes: Buffer) => void;
  #isEnded = false;

  constructor(text: string, done: (error: Error | undefined, bytes: Buffer) => void) {
    this.text = text;
    this.#done = done;
  }

  submit(connection: CopyConnection): void {
    connection.query(this.text);
  }

  handleCopyData(message: { chunk: Buffer }): void {
    this.#chunks.push(message.chunk);
  }

  /** `pg` forgets a query once it has failed, so no ReadyForQuery will follow. */
  handleError(error: Error): void {
    this.#end(error);
  }

  handleReadyForQuery(): void {
    this.#end(undefined);
  }

  #end(error: Error | undefined): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#done(error, Buffer.concat(this.#chunks));
  }

  handleCommandComplete(): void {}
  handleCopyInResponse(): void {}
  handleCopyOutResponse(): void {}
  handleRowDescription(): void {}
  handleDataRow(): void {}
  handleEmptyQuery(): void {}
  handlePortalSuspended(): void {}
}
