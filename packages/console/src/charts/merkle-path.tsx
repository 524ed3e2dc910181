/**
 * An inclusion proof as a picture: the entry's leaf at the bottom, on each level the neighbour that is hashed with
 * it, the signed root on top. The drawing follows RFC 6962; the words beside it are for people who know no tree.
 */
import css from './merkle-path.module.css';

export interface MerklePathProps {
  readonly leafIndex: number;
  readonly treeSize: number;
  readonly hashes: readonly string[];
  readonly leafHash: string;
  readonly rootHash: string;
}

/** On which side each neighbour stands, from the leaf upwards (RFC 9162, section 2.1.3.2). */
export function sidesOf(
  leafIndex: number,
  treeSize: number,
  length: number,
): readonly ('left' | 'right')[] {
  let node = leafIndex;
  let last = treeSize - 1;
  const sides: ('left' | 'right')[] = [];
  for (let step = 0; step < length; step += 1) {
    const isRight = node % 2 === 1 || node === last;
    sides.push(isRight ? 'left' : 'right');
    if (isRight) {
      while (node % 2 === 0 && node !== 0) {
        node = Math.floor(node / 2);
        last = Math.floor(last / 2);
      }
    }
    node = Math.floor(node / 2);
    last = Math.floor(last / 2);
  }
  return sides;
}

const LEVEL = 36;
const WIDTH = 400;
const MIDDLE = WIDTH / 2;
const SHIFT = 118;
const BOX = { width: 92, height: 22 };

export function MerklePath({ leafIndex, treeSize, hashes, leafHash, rootHash }: MerklePathProps) {
  const sides = sidesOf(leafIndex, treeSize, hashes.length);
  const height = hashes.length * LEVEL + BOX.height + 8;
  const yOf = (level: number): number => height - BOX.height - 4 - level * LEVEL;
  return (
    <svg
      className={css.path}
      viewBox={`0 0 ${WIDTH} ${height}`}
      role="img"
      aria-label={`${hashes.length} hashes lead from entry ${leafIndex.toLocaleString('en')} to the signed root of ${treeSize.toLocaleString('en')} entries.`}
    >
      {hashes.map((hash, level) => {
        const side = sides[level] === 'left' ? -1 : 1;
        const y = yOf(level);
        return (
          <g key={hash}>
            <path className={css.way} d={`M${MIDDLE} ${y} V${y - LEVEL + BOX.height}`} />
            <path className={css.joint} d={`M${MIDDLE + side * SHIFT} ${y} v-7 H${MIDDLE}`} />
            <Node x={MIDDLE + side * SHIFT} y={y} text={short(hash)} kind="neighbour" />
            {level > 0 && <Node x={MIDDLE} y={y} text="" kind="joined" />}
          </g>
        );
      })}
      {hashes.length > 0 && (
        <Node x={MIDDLE} y={yOf(hashes.length)} text={short(rootHash)} kind="root" />
      )}
      <Node
        x={MIDDLE}
        y={yOf(0)}
        text={short(leafHash)}
        kind={hashes.length === 0 ? 'root' : 'leaf'}
        // Its neighbour stands on the other side.
        says={sides[0] === 'right' ? 'left' : 'right'}
      />
    </svg>
  );
}

function Node({
  x,
  y,
  text,
  kind,
  says = 'right',
}: {
  readonly x: number;
  readonly y: number;
  readonly text: string;
  readonly kind: 'leaf' | 'root' | 'neighbour' | 'joined';
  /** On which side it is told what it is. */
  readonly says?: 'left' | 'right';
}) {
  if (kind === 'joined')
    return <circle className={css.joined} cx={x} cy={y + BOX.height / 2} r={4} />;
  return (
    <g className={css[kind]}>
      <rect x={x - BOX.width / 2} y={y} width={BOX.width} height={BOX.height} rx={2} />
      <text x={x} y={y + 15} textAnchor="middle">
        {text}
      </text>
      {kind !== 'neighbour' && (
        <text
          className={css.role}
          x={x + (says === 'right' ? 1 : -1) * (BOX.width / 2 + 10)}
          y={y + 15}
          textAnchor={says === 'right' ? 'start' : 'end'}
        >
          {kind === 'root' ? 'signed root' : 'this event'}
        </text>
      )}
    </g>
  );
}

/** base64 to the first hex digits: what a person compares. */
export const short = (base64: string): string => hex(base64).slice(0, 10);

export function hex(base64: string): string {
  try {
    return [...atob(base64)]
      .map((char) => char.charCodeAt(0).toString(16).padStart(2, '0'))
      .join('');
  } catch {
    return base64;
  }
}
