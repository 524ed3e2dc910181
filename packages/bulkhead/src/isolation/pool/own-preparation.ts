import { prepareOwnStatements } from './group.ts';
import { type PgConnection, PgQueryBase, type QueryCallback } from './pg-internals.ts';

/** Parses the pool's own statements under their names, once for each backend that is ours alone. */
export class OwnPreparation extends PgQueryBase {
  constructor(callback: QueryCallback) {
    super('', undefined, callback);
  }

  submit(connection: PgConnection): null {
    connection.stream.write(prepareOwnStatements);
    connection.sync();
    return null;
  }
}
