import { useEffect } from "react";

/** What can be done on a page, beside what its buttons say: the palette lists it. */
export interface Command {
  name: string;
  act: () => void;
}

const NONE: readonly Command[] = [];
let held = NONE;

/** Offers commands as long as the caller is shown. */
export function useCommands(commands: readonly Command[]) {
  useEffect(() => {
    held = commands;
    return () => { held = NONE; };
  });
}

export const pageCommands = (): readonly Command[] => held;
