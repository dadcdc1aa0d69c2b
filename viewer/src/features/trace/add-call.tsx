import type { CallHeader } from "@/api/types";
import { Button } from "@/ui/button";
import { useCommands } from "@/ui/commands";
import { useToDataset } from "@/ui/to-dataset";

/** Makes the selected call a row of a dataset. */
export function AddCall({ call }: { call: CallHeader }) {
  const open = useToDataset();
  const add = () => { open?.({ ids: [call.id], filter: { q: `id:${call.id}`, all: true }, count: 1 }); };
  useCommands(open === null ? [] : [{ name: `Add the call ${call.display_name ?? call.op_name} to a dataset…`, act: add }]);
  return open && <Button look="quiet" onClick={add}>Add to dataset…</Button>;
}
