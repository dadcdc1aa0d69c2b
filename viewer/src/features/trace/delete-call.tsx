import { useState } from "react";

import { useDeleteCall } from "@/api/mutations";
import type { ProjectId } from "@/api/queries";
import type { CallHeader } from "@/api/types";
import { plural } from "@/lib/number";
import type { TreeNode } from "@/lib/tree";
import { Button } from "@/ui/button";
import { Dialog, DialogActions } from "@/ui/dialog";
import { ErrorNote } from "@/ui/notices";

interface Props {
  p: ProjectId;
  node: TreeNode<CallHeader>;
  isWholeTrace: boolean;
  onDeleted: () => void;
}

export function DeleteCall({ p, node: { call, below }, isWholeTrace, onDeleted }: Props) {
  const [isAsking, setAsking] = useState(false);
  const deletion = useDeleteCall(p, call, isWholeTrace);
  const name = call.display_name ?? call.op_name;
  const what = below === 0 ? "This call" : `This call and the ${plural(below, "call")} below it`;
  const remove = () => { deletion.mutate(undefined, { onSuccess: () => { setAsking(false); onDeleted(); } }); };
  return (
    <>
      <Button look="quiet" onClick={() => { setAsking(true); }}>Delete…</Button>
      <Dialog title={`Delete ${name}?`} isOpen={isAsking} onClose={() => { setAsking(false); }} description={`${what} will be deleted, with all inputs, outputs and feedback. It cannot be undone.`}>
        {deletion.error && <ErrorNote error={deletion.error} />}
        <DialogActions>
          <Button onClick={() => { setAsking(false); }}>Keep</Button>
          <Button look="danger" disabled={deletion.isPending} onClick={remove}>Delete {plural(below + 1, "call")}</Button>
        </DialogActions>
      </Dialog>
    </>
  );
}
