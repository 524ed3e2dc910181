/** What all operations of this room have in common. */
import type { z } from 'zod';
import type { StatementPort } from '../../kernel/operation.ts';
import {
  defineOperation,
  type Operation,
  type OperationDefinition,
} from '../../kernel/operation.ts';

type Given<I extends z.ZodType, O extends z.ZodType> = Omit<
  OperationDefinition,
  'room' | 'node' | 'input' | 'output' | 'run'
> & {
  readonly node?: OperationDefinition['node'];
  readonly input: I;
  readonly output: O;
  readonly run: (ports: StatementPort, input: z.output<I>) => Promise<unknown>;
};

/** An operation of the access room; on the root of the tenant unless it says otherwise. */
export function accessOperation<I extends z.ZodType, O extends z.ZodType>(
  given: Given<I, O>,
): Operation<I, O> {
  const { node = 'root', errors, ...rest } = given;
  return defineOperation<I, O>({
    ...rest,
    room: 'access',
    node,
    errors: ['access.denied', ...(node === 'target' ? ['access.node_absent'] : []), ...errors],
  });
}
