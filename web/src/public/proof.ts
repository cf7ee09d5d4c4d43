/**
 * A user's own proof, checked here and by nobody else: WebCrypto hashes, BigInt adds. The format is
 * in docs/proofs.md; every step is kept, so that it can be shown.
 */

const FORMAT = "coinport-proof-v1";
const SUM_MAX = 2n ** 63n - 1n;
const DECIMALS_MAX = 18;
const HASH_HEX = 64;

export type Flaw = "unreadable" | "amount" | "noRows" | "trees" | "root" | "balance";

/** The proof proves nothing; `row` is where it fails, where that is one of its rows. */
export class ProofWrong extends Error {
  constructor(
    readonly flaw: Flaw,
    readonly row: number | null = null,
  ) {
    super(flaw);
  }
}

export interface Proof {
  currency: string;
  decimals: number;
  snapshot: number;
  uid: number;
  /** All amounts count units of 10^-decimals. */
  balance: bigint;
  key: Uint8Array<ArrayBuffer>;
  leaves: Leaf[];
  root: Node;
}

interface Leaf {
  index: number;
  amount: bigint;
  path: Node[];
}

export interface Node {
  hash: string;
  sum: bigint;
}

/** From one node to the one above it. */
export interface Step {
  sibling: Node;
  /** On which side the sibling stands. */
  side: "left" | "right";
  above: Node;
}

export interface Climb {
  index: number;
  amount: bigint;
  /** What names the row as this user's. */
  leaf: string;
  bottom: Node;
  steps: Step[];
}

/** Of an answer of the API or a file of it. Raises ProofWrong. */
export function readProof(text: string): Proof {
  const file = members(parsed(text));
  const content = "data" in file ? members(file["data"]) : file;
  if (content["format"] !== FORMAT) throw new ProofWrong("unreadable");
  const decimals = integer(content["decimals"]);
  if (decimals > DECIMALS_MAX) throw new ProofWrong("unreadable");
  const node = (hash: unknown, sum: unknown): Node => ({
    hash: hex(hash),
    sum: amount(sum, decimals),
  });
  return {
    currency: word(content["currency"]),
    decimals,
    snapshot: integer(content["snapshot"]),
    uid: integer(content["uid"]),
    balance: amount(content["balance"], decimals),
    key: bytes(hex(content["key"])),
    leaves: list(content["leaves"]).map((each) => {
      const leaf = members(each);
      return {
        index: integer(leaf["index"]),
        amount: amount(leaf["amount"], decimals),
        path: list(leaf["path"]).map((pair) => {
          const [hash, sum] = list(pair);
          return node(hash, sum);
        }),
      };
    }),
    root: node(content["root"], content["total"]),
  };
}

/** That the balance is part of the total under the root. Raises ProofWrong. */
export async function verify(proof: Proof): Promise<Climb[]> {
  const indices = proof.leaves.map((leaf) => leaf.index);
  const rising = indices.every((index, at) => at === 0 || index > (indices[at - 1] ?? index));
  if (!indices.length || !rising) throw new ProofWrong("noRows");
  if (new Set(proof.leaves.map((leaf) => leaf.path.length)).size !== 1)
    throw new ProofWrong("trees");
  const climbs: Climb[] = [];
  for (const leaf of proof.leaves) climbs.push(await climb(proof, leaf));
  const sum = proof.leaves.reduce((total, leaf) => total + leaf.amount, 0n);
  if (sum !== proof.balance) throw new ProofWrong("balance");
  return climbs;
}

async function climb(proof: Proof, leaf: Leaf): Promise<Climb> {
  const name = toHex(await leafName(proof, leaf));
  const bottom = await leafNode(name, leaf.amount);
  let at = bottom;
  let index = leaf.index;
  const steps: Step[] = [];
  for (const sibling of leaf.path) {
    const side = index % 2 ? "left" : "right";
    const above = await (side === "left" ? inner(sibling, at) : inner(at, sibling));
    steps.push({ sibling, side, above });
    at = above;
    index = Math.floor(index / 2);
  }
  const same = at.hash === proof.root.hash && at.sum === proof.root.sum;
  if (!same || index !== 0) throw new ProofWrong("root", leaf.index);
  return { index: leaf.index, amount: leaf.amount, leaf: name, bottom, steps };
}

async function leafName(proof: Proof, leaf: Leaf): Promise<ArrayBuffer> {
  const { currency, snapshot, uid } = proof;
  const text = `coinport-pol-v1 leaf ${currency} ${snapshot} ${uid} ${leaf.index} ${leaf.amount}`;
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const key = await crypto.subtle.importKey("raw", proof.key, algorithm, false, ["sign"]);
  return crypto.subtle.sign("HMAC", key, new TextEncoder().encode(text));
}

/** SHA-256(0x00 | leaf | units), units. */
async function leafNode(leaf: string, sum: bigint): Promise<Node> {
  return { hash: await sha256(`00${leaf}${sumHex(sum)}`), sum };
}

/** SHA-256(0x01 | left node | right node), sum of both. */
async function inner(left: Node, right: Node): Promise<Node> {
  const sum = left.sum + right.sum;
  if (sum > SUM_MAX) throw new ProofWrong("amount");
  const content = `01${left.hash}${sumHex(left.sum)}${right.hash}${sumHex(right.sum)}`;
  return { hash: await sha256(content), sum };
}

async function sha256(content: string): Promise<string> {
  return toHex(await crypto.subtle.digest("SHA-256", bytes(content)));
}

function sumHex(sum: bigint): string {
  return sum.toString(16).padStart(16, "0");
}

function toHex(buffer: ArrayBuffer): string {
  return Array.from(new Uint8Array(buffer), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function bytes(text: string): Uint8Array<ArrayBuffer> {
  const content = new Uint8Array(text.length / 2);
  for (let at = 0; at < content.length; at += 1)
    content[at] = Number.parseInt(text.slice(2 * at, 2 * at + 2), 16);
  return content;
}

/** Numbers become text before JSON is read: as floats they would not be exact. */
function parsed(text: string): unknown {
  const quoted = text.replace(/("(?:[^"\\]|\\.)*")|-?\d[\d.eE+-]*/g, (whole, string) =>
    string ? whole : `"${whole}"`,
  );
  try {
    return JSON.parse(quoted);
  } catch {
    throw new ProofWrong("unreadable");
  }
}

function members(value: unknown): Record<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new ProofWrong("unreadable");
  return value as Record<string, unknown>;
}

function list(value: unknown): unknown[] {
  if (!Array.isArray(value)) throw new ProofWrong("unreadable");
  return value;
}

function word(value: unknown): string {
  if (typeof value !== "string" || !/^[A-Z0-9]{1,16}$/.test(value))
    throw new ProofWrong("unreadable");
  return value;
}

function integer(value: unknown): number {
  const number = typeof value === "string" && /^\d{1,15}$/.test(value) ? Number(value) : -1;
  if (number < 0) throw new ProofWrong("unreadable");
  return number;
}

function hex(value: unknown): string {
  if (typeof value !== "string" || value.length !== HASH_HEX || !/^[0-9a-f]+$/.test(value))
    throw new ProofWrong("unreadable");
  return value;
}

function amount(value: unknown, decimals: number): bigint {
  const match = typeof value === "string" ? /^(\d{1,19})(?:\.(\d+))?$/.exec(value) : null;
  const fraction = match?.[2] ?? "";
  if (!match || fraction.length > decimals) throw new ProofWrong("amount");
  const counted = BigInt((match[1] ?? "0") + fraction.padEnd(decimals, "0"));
  if (counted > SUM_MAX) throw new ProofWrong("amount");
  return counted;
}
