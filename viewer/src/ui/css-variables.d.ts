import "react";

declare module "react" {
  interface CSSProperties {
    /** How many runs a comparison shows side by side. */
    "--runs"?: number;
    /** The colour of the kind of a call. */
    "--kind"?: string;
    /** The columns of the list of traces, and how wide they are at least. */
    "--tracks"?: string;
    "--least"?: string;
  }
}
