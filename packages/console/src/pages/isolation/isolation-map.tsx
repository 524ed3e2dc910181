/** The map, drawn by React Flow: proven ways thin and quiet, a leak thick and red. Arrow keys walk, Enter opens. */
import '@xyflow/react/dist/base.css';
import {
  Background,
  BackgroundVariant,
  Controls,
  type Edge,
  Handle,
  type Node,
  type NodeProps,
  Position,
  ReactFlow,
  ReactFlowProvider,
  useReactFlow,
} from '@xyflow/react';
import { type KeyboardEvent, useEffect, useMemo, useRef } from 'react';
import type { IsolationReport, ProvedObject } from '../../api/shapes.ts';
import { StateMark } from '../../parts/state-mark.tsx';
import css from './isolation-map.module.css';
import { type Fold, foldOwn, layOut, NODE } from './lay-out.ts';
import { stateOf, wordOf } from './verdicts.ts';

export interface IsolationMapProps {
  readonly role: string;
  readonly objects: readonly ProvedObject[];
  readonly edges: IsolationReport['edges'];
  readonly selected: string | undefined;
  readonly onOpen: (object: string) => void;
  /** Absent where somebody looks for something: then everything found is shown. */
  readonly onUnfold?: ((schema: string) => void) | undefined;
}

type ObjectNode = Node<
  { object: ProvedObject; onOpen: (object: string) => void; isSelected: boolean },
  'object'
>;
type FoldNode = Node<{ fold: Fold; onUnfold: (schema: string) => void }, 'fold'>;
type RoleNode = Node<{ role: string }, 'role'>;

const ROLE = 'role of the app';
const FOLD = 'folded objects';
const nodeTypes = { object: ObjectBox, fold: FoldBox, role: RoleBox };

export function IsolationMap(props: IsolationMapProps) {
  return (
    <ReactFlowProvider>
      <Flow {...props} />
    </ReactFlowProvider>
  );
}

function Flow({ role, objects, edges, selected, onOpen, onUnfold }: IsolationMapProps) {
  const { fitView } = useReactFlow();
  const { shown, fold } = useMemo(
    () => (onUnfold === undefined ? { shown: objects, fold: undefined } : foldOwn(objects)),
    [objects, onUnfold],
  );
  const placed = useMemo(() => layOut(shown), [shown]);
  const nodes = useMemo<(ObjectNode | FoldNode | RoleNode)[]>(
    () => [
      {
        id: ROLE,
        type: 'role',
        position: placed.role,
        data: { role },
        draggable: false,
        selectable: false,
        focusable: false,
      },
      ...placed.nodes.map(
        ({ object, x, y }): ObjectNode => ({
          id: object.object,
          type: 'object',
          position: { x, y },
          data: { object, onOpen, isSelected: object.object === selected },
          draggable: false,
          focusable: false,
        }),
      ),
      ...(fold === undefined || onUnfold === undefined
        ? []
        : [
            {
              id: FOLD,
              type: 'fold' as const,
              position: placed.fold,
              data: { fold, onUnfold },
              draggable: false,
              focusable: false,
            },
          ]),
    ],
    [placed, role, onOpen, selected, fold, onUnfold],
  );
  const lines = useMemo(() => linesOf(shown, fold, edges), [shown, fold, edges]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: whenever other things are shown
  useEffect(() => {
    void fitView({ padding: 0.06, maxZoom: 1, minZoom: 0.3 });
  }, [objects, fitView]);
  // A panel beside it takes some of its room.
  const frame = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (frame.current === null) return undefined;
    const watcher = new ResizeObserver(() => {
      // The flow measures itself first.
      requestAnimationFrame(() => void fitView({ padding: 0.06, maxZoom: 1, minZoom: 0.3 }));
    });
    watcher.observe(frame.current);
    return () => watcher.disconnect();
  }, [fitView]);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: arrow keys move between the buttons inside
    <div className={css.map} ref={frame} onKeyDown={walk}>
      <ReactFlow
        nodes={nodes}
        edges={lines}
        nodeTypes={nodeTypes}
        fitView
        fitViewOptions={{ padding: 0.06, maxZoom: 1, minZoom: 0.3 }}
        minZoom={0.15}
        maxZoom={1.6}
        nodesConnectable={false}
        nodesFocusable={false}
        edgesFocusable={false}
        preventScrolling={false}
        panOnScroll={false}
        zoomOnScroll={false}
        zoomActivationKeyCode={['Meta', 'Control']}
        proOptions={{ hideAttribution: true }}
        aria-label="What the app’s role can reach. The list holds the same."
      >
        <Background variant={BackgroundVariant.Dots} gap={24} size={1} color="var(--line)" />
        <Controls showInteractive={false} />
      </ReactFlow>
    </div>
  );
}

/** From the role to what it reaches itself; from a view or function to what it reads. */
function linesOf(
  objects: readonly ProvedObject[],
  fold: Fold | undefined,
  edges: IsolationReport['edges'],
): Edge[] {
  const verdicts = new Map(objects.map((object) => [object.object, object.verdict]));
  const line = (source: string, target: string, verdict: string): Edge => ({
    id: `${source} > ${target}`,
    source,
    target,
    type: 'default',
    className: css[verdict] ?? '',
    zIndex: verdict === 'leak' ? 2 : 0,
    focusable: false,
  });
  const direct = objects.map((object) => line(ROLE, object.object, object.verdict));
  const through = edges
    .filter(({ from, to }) => verdicts.has(from) && verdicts.has(to))
    .map(({ from, to }) => line(from, to, verdicts.get(from) === 'leak' ? 'leak' : 'proven'));
  return [...direct, ...(fold === undefined ? [] : [line(ROLE, FOLD, 'proven')]), ...through];
}

function RoleBox({ data }: NodeProps<RoleNode>) {
  return (
    <div className={css.role} style={{ width: NODE.width }}>
      <span className="small faint">the app’s role</span>
      <span className="mono">{data.role}</span>
      <Handle type="source" position={Position.Right} className={css.handle} />
    </div>
  );
}

function ObjectBox({ data }: NodeProps<ObjectNode>) {
  const { object, onOpen, isSelected } = data;
  const [schema, name] = object.object.includes('.')
    ? object.object.split(/\.(.*)/s)
    : ['', object.object];
  return (
    <>
      <Handle type="target" position={Position.Left} className={css.handle} />
      <button
        type="button"
        className={`nodrag nopan ${css.object}`}
        style={{ width: NODE.width, height: NODE.height }}
        data-verdict={object.verdict}
        data-selected={isSelected || undefined}
        title={object.object}
        onClick={() => onOpen(object.object)}
      >
        <StateMark state={stateOf(object.verdict)} size={9} word="" />
        <span className={css.name}>
          {schema !== 'public' && schema !== '' && <span className="faint">{schema}.</span>}
          {name}
        </span>
        <span className={css.kind}>{object.type.replace('-', ' ')}</span>
        <span className="hidden-visually">, {wordOf(object.verdict)}</span>
      </button>
      <Handle type="source" position={Position.Right} className={css.handle} />
    </>
  );
}

function FoldBox({ data }: NodeProps<FoldNode>) {
  const { fold, onUnfold } = data;
  const said = `${fold.objects.length} objects of Bulkhead’s own, all proven`;
  return (
    <>
      <Handle type="target" position={Position.Left} className={css.handle} />
      <button
        type="button"
        className={`nodrag nopan ${css.object}`}
        style={{ width: NODE.width * 2 + 28, height: NODE.height }}
        data-verdict="proven"
        onClick={() => onUnfold(fold.schema)}
      >
        <StateMark state="proven" size={9} word="" />
        <span className={css.name}>{fold.schema}.*</span>
        <span className={css.kind}>{said}</span>
        <span className="hidden-visually">. Show them</span>
      </button>
    </>
  );
}

/** Between the boxes by their places on the screen. */
function walk(event: KeyboardEvent<HTMLDivElement>): void {
  const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[
    event.key
  ];
  const from = (event.target as HTMLElement).closest('[data-verdict]')?.getBoundingClientRect();
  if (step === undefined || from === undefined) return;
  event.preventDefault();
  const [dx = 0, dy = 0] = step;
  let best: HTMLElement | undefined;
  let bestScore = Number.POSITIVE_INFINITY;
  for (const box of event.currentTarget.querySelectorAll<HTMLElement>('[data-verdict]')) {
    const to = box.getBoundingClientRect();
    const along = (to.x - from.x) * dx + (to.y - from.y) * dy;
    const across = Math.abs((to.x - from.x) * dy) + Math.abs((to.y - from.y) * dx);
    if (along > 1 && along + across * 3 < bestScore) {
      bestScore = along + across * 3;
      best = box;
    }
  }
  best?.focus();
}
