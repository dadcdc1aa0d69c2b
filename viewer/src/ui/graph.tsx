import { Link } from "@tanstack/react-router";
import { useMemo } from "react";

import { type Edge, layered } from "@/lib/layers";

import styles from "./graph.module.css";

interface GraphNode {
  id: string;
  title: string;
  detail: string;
  colour: string;
  isHere: boolean;
  href: string;
}

interface Props {
  label: string;
  nodes: readonly GraphNode[];
  edges: readonly Edge[];
}

const [WIDTH, HEIGHT, GAP, STEP] = [232, 42, 64, 54];

/** Boxes from left to right, each a link, with lines between them. What the lines say is said in words to those who do not see them. */
export function Graph({ label, nodes, edges }: Props) {
  const placed = useMemo(() => layered(nodes, edges), [nodes, edges]);
  const top = Math.min(...placed.map((each) => each.row));
  const at = new Map(placed.map(({ id, layer, row }) => [id, { x: layer * (WIDTH + GAP), y: (row - top) * STEP }]));
  const names = new Map(nodes.map((node) => [node.id, `${node.title}, ${node.detail}`]));
  const width = Math.max(...placed.map((each) => each.layer)) * (WIDTH + GAP) + WIDTH;
  const height = (Math.max(...placed.map((each) => each.row)) - top) * STEP + HEIGHT;
  const order = placed.toSorted((a, b) => a.layer - b.layer || a.row - b.row);
  const byId = new Map(nodes.map((node) => [node.id, node]));
  return (
    <div className={styles.scroller} tabIndex={0} role="region" aria-label={label}>
      <div className={styles.graph} style={{ width, height }}>
        <svg width={width} height={height} aria-hidden="true">
          {edges.map(({ source, target }) => {
            const [from, to] = [at.get(source), at.get(target)];
            if (!from || !to) return null;
            const [x1, y1, x2, y2] = [from.x + WIDTH, from.y + HEIGHT / 2, to.x, to.y + HEIGHT / 2];
            const bend = (x2 - x1) / 2;
            return <path key={`${source} ${target}`} d={`M${x1} ${y1}C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2} ${y2}`} />;
          })}
        </svg>
        <ul>
          {order.map(({ id }) => {
            const [node, place] = [byId.get(id), at.get(id)];
            const targets = edges.filter((edge) => edge.source === id).map((edge) => names.get(edge.target) ?? "");
            return node && place && (
              <li key={id} style={{ transform: `translate(${place.x}px, ${place.y}px)`, width: WIDTH, height: HEIGHT }}>
                <Link to={node.href} className={styles.node} aria-current={node.isHere ? "true" : undefined} title={`${node.title}, ${node.detail}`}>
                  <i style={{ background: node.colour }} aria-hidden="true" />
                  <span><b>{node.title}</b><span>{node.detail}</span></span>
                </Link>
                {targets.length > 0 && <span className="sr">went into {targets.join("; ")}</span>}
              </li>
            );
          })}
        </ul>
      </div>
    </div>
  );
}
