/** A proof, held against what everybody is shown: the published file of its snapshot. */

import { plain } from "../money/decimal";
import type { Proof } from "./proof";

/** What stands before the rows is in here: of a file of megabytes only this much is asked for. */
const HEAD_BYTES = 4_096;

export interface Published {
  name: string;
  /** null: it could not be read. */
  same: boolean | null;
}

export async function compare(proof: Proof): Promise<Published> {
  const name = `snapshot-${proof.snapshot}.json`;
  try {
    const response = await fetch(`/api/v2/files/${proof.currency}/${name}`, {
      headers: { Range: `bytes=0-${HEAD_BYTES - 1}` },
    });
    if (!response.ok) return { name, same: null };
    const head = await response.text();
    const root = /"root":\s*"([0-9a-f]{64})"/.exec(head)?.[1];
    const total = /"total":\s*"?([0-9.]+)/.exec(head)?.[1];
    if (root === undefined || total === undefined) return { name, same: null };
    const owed = plain(proof.root.sum, proof.decimals);
    return { name, same: root === proof.root.hash && total === owed };
  } catch {
    return { name, same: null };
  }
}
