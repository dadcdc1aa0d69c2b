import "react";

declare module "react" {
  interface CSSProperties {
    /** How many runs a comparison shows side by side. */
    "--runs"?: number;
    /** The colour of the kind of a call. */
    "--kind"?: string;
  }
}
