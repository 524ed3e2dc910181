/**
 * What the prover says of a case, held against what the case is: asked on the schema as it is, and for a
 * leak again with its fix applied.
 */
import {
  type Proof,
  type ProvedObject,
  prove,
} from '../../../packages/bulkhead/src/isolation/prove/index.ts';
import type { CorpusCase } from './corpus-case.ts';
import type { LoadedCase } from './corpus-cluster.ts';

export type ScoreFault =
  /** The leak is not reported on the object at fault nor on one that may fairly be blamed. */
  | 'missed'
  /** The object at fault is still called a leak, though its one fault was repaired. */
  | 'still-reported'
  /** Another object of the repaired database is called a leak: its one fault is gone. */
  | 'false-alarm-after-fix'
  /** Something in a safe database is called a leak. */
  | 'false-alarm'
  /** The object of a safe case was left undecided. */
  | 'undecided'
  | 'crash';

export interface ScoredFault {
  readonly fault: ScoreFault;
  /** The objects that show it, with what was said of them. */
  readonly because: string;
}

export async function scoreCase(database: LoadedCase): Promise<readonly ScoredFault[]> {
  try {
    const { subject } = database;
    const before = await proveCase(database);
    if (subject.verdict === 'safe') return judgeSafe(subject, before);
    return missed(subject, before);
  } catch (error) {
    return [crash(error)];
  }
}

/** Of a leak's database with the fix applied. */
export async function scoreRepaired(database: LoadedCase): Promise<readonly ScoredFault[]> {
  try {
    const leaks = leaksOf(await proveCase(database));
    const own = leaks.filter(({ object }) => object === database.subject.object);
    const others = leaks.filter(({ object }) => object !== database.subject.object);
    return [...faultOf('still-reported', own), ...faultOf('false-alarm-after-fix', others)];
  } catch (error) {
    return [crash(error)];
  }
}

async function proveCase(database: LoadedCase): Promise<Proof> {
  return prove(await database.loader(), { role: database.subject.appRole });
}

function missed(subject: CorpusCase, proof: Proof): ScoredFault[] {
  const blamed = [subject.object, ...subject.also];
  const found = leaksOf(proof).some(({ object }) => blamed.includes(object));
  if (found) return [];
  const said = proof.objects.find(({ object }) => object === subject.object);
  const others = leaksOf(proof).map(({ object }) => object);
  const elsewhere = others.length === 0 ? '' : `; leaks elsewhere: ${others.join(', ')}`;
  return [
    {
      fault: 'missed',
      because: (said === undefined ? 'not in the report' : told(said)) + elsewhere,
    },
  ];
}

function judgeSafe(subject: CorpusCase, proof: Proof): ScoredFault[] {
  const undecided = proof.objects.filter(
    ({ object, verdict }) => verdict === 'unknown' && object === subject.object,
  );
  return [...faultOf('false-alarm', leaksOf(proof)), ...faultOf('undecided', undecided)];
}

function leaksOf(proof: Proof): ProvedObject[] {
  return proof.objects.filter(({ verdict }) => verdict === 'leak');
}

function faultOf(fault: ScoreFault, objects: readonly ProvedObject[]): ScoredFault[] {
  return objects.length === 0 ? [] : [{ fault, because: objects.map(told).join(' | ') }];
}

function told({ object, verdict, because, findings }: ProvedObject): string {
  const said = findings.map(({ kind, why }) => `${kind}: ${why}`).join('; ');
  return `${object} ${verdict}: ${said === '' ? because : said}`;
}

function crash(error: unknown): ScoredFault {
  return {
    fault: 'crash',
    because:
      error instanceof Error
        ? (error.stack ?? error.message).split('\n').slice(0, 3).join(' ')
        : String(error),
  };
}
