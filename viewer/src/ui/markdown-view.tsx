import { useMemo } from "react";

import { type Block, blocksOf, type Span, spansOf } from "@/lib/markdown";

import styles from "./content-view.module.css";

export function MarkdownView({ markup }: { markup: string }) {
  const blocks = useMemo(() => blocksOf(markup), [markup]);
  return <div className={styles.markdown}>{blocks.map((block, i) => <BlockView key={i} block={block} />)}</div>;
}

function BlockView({ block }: { block: Block }) {
  switch (block.kind) {
    case "heading": return <p role="heading" aria-level={block.level + 3} data-level={block.level}><Spans text={block.text} /></p>;
    case "code": return <pre>{block.text}</pre>;
    case "quote": return <blockquote><Spans text={block.text} /></blockquote>;
    case "rule": return <hr />;
    case "text": return <p><Spans text={block.text} /></p>;
    case "list": {
      const items = block.items.map((item, i) => <li key={i}><Spans text={item} /></li>);
      return block.isOrdered ? <ol>{items}</ol> : <ul>{items}</ul>;
    }
    case "table": return (
      <table className={styles.cells}>
        <thead><tr>{block.head.map((cell, i) => <th key={i}><Spans text={cell} /></th>)}</tr></thead>
        <tbody>{block.rows.map((row, i) => <tr key={i}>{row.map((cell, j) => <td key={j}><Spans text={cell} /></td>)}</tr>)}</tbody>
      </table>
    );
  }
}

function Spans({ text }: { text: string }) {
  return spansOf(text).map((span, i) => <SpanView key={i} span={span} />);
}

function SpanView({ span }: { span: Span }) {
  switch (span.look) {
    case "code": return <code>{span.text}</code>;
    case "strong": return <strong>{span.text}</strong>;
    case "em": return <em>{span.text}</em>;
    case "link": return <a href={span.href} target="_blank" rel="noreferrer noopener">{span.text}</a>;
    case "text": return span.text;
  }
}
