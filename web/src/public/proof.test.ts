import { describe, expect, test } from "vitest";
import fixture from "./proof.fixture.json";
import { ProofWrong, readProof, verify } from "./proof";

type Raw = typeof fixture;

/** The proof that the exchange's own code made, with something in it changed. */
function tampered(change: (proof: Raw) => void): string {
  const copy = structuredClone(fixture);
  change(copy);
  return JSON.stringify(copy);
}

async function flawOf(text: string): Promise<string> {
  try {
    await verify(readProof(text));
  } catch (error) {
    if (error instanceof ProofWrong) return error.flaw;
    throw error;
  }
  return "none";
}

function first<T>(items: T[]): T {
  const [item] = items;
  if (item === undefined) throw new Error("the fixture is empty");
  return item;
}

/** Another hexadecimal digit in front. */
function otherHash(hash: string): string {
  return (hash.startsWith("0") ? "1" : "0") + hash.slice(1);
}

describe("a proof that the exchange made", () => {
  test("holds, and every step of it is known", async () => {
    const proof = readProof(JSON.stringify(fixture));
    const climbs = await verify(proof);
    expect(proof.balance).toBe(2_500_000_000_000_003n);
    expect(climbs.map((climb) => climb.index)).toEqual(fixture.leaves.map((leaf) => leaf.index));
    for (const climb of climbs) expect(climb.steps.at(-1)?.above).toEqual(proof.root);
  });

  test("holds as a file with plain numbers, which floats would not be exact for", async () => {
    const text = JSON.stringify(fixture).replace(/"(\d+(?:\.\d+)?)"/g, "$1");
    expect(text).toContain(`"balance":${fixture.balance}`);
    expect(readProof(text).balance).toBe(2_500_000_000_000_003n);
    expect(await flawOf(text)).toBe("none");
  });

  test("holds as an answer of the API with its envelope", async () => {
    expect(await flawOf(JSON.stringify({ code: 0, time: 1, data: fixture }))).toBe("none");
  });
});

describe("a proof that somebody tampered with", () => {
  test.each<[string, string, (proof: Raw) => void]>([
    ["an amount", "root", (proof) => (first(proof.leaves).amount = "1")],
    ["a row's place", "root", (proof) => (first(proof.leaves).index -= 1)],
    ["a place outside of the tree", "root", (proof) => (proof.leaves.at(-1)!.index += 4096)],
    ["whose it is", "root", (proof) => (proof.uid += 1)],
    ["the snapshot", "root", (proof) => (proof.snapshot += 1)],
    ["the currency", "root", (proof) => (proof.currency = "LTC")],
    ["the key", "root", (proof) => (proof.key = otherHash(proof.key))],
    ["the root", "root", (proof) => (proof.root = otherHash(proof.root))],
    ["the total", "root", (proof) => (proof.total = "25000000.00000003")],
    [
      "a sibling's hash",
      "root",
      (proof) => {
        const pair = first(first(proof.leaves).path);
        pair[0] = otherHash(pair[0] ?? "");
      },
    ],
    ["a sibling's sum", "root", (proof) => (first(first(proof.leaves).path)[1] = "0")],
    ["a sibling too few", "trees", (proof) => first(proof.leaves).path.pop()],
    ["the balance", "balance", (proof) => (proof.balance = "25000000.00000004")],
    ["a row left out", "balance", (proof) => proof.leaves.pop()],
    ["a row twice", "noRows", (proof) => proof.leaves.push(first(proof.leaves))],
    ["all rows left out", "noRows", (proof) => (proof.leaves = [])],
    ["an amount with too many decimals", "amount", (proof) => (proof.balance += "1")],
    ["a negative amount", "amount", (proof) => (first(proof.leaves).amount = "-1")],
    ["an amount beyond all bounds", "amount", (proof) => (proof.total = "9".repeat(19))],
    ["another format", "unreadable", (proof) => (proof.format = "coinport-proof-v2")],
    ["a hash that is none", "unreadable", (proof) => (proof.root = "xyz")],
  ])("is found out: %s", async (_, flaw, change) => {
    expect(await flawOf(tampered(change))).toBe(flaw);
  });

  test.each(["", "{", "[]", "null", '{"data":null}', '{"format":"coinport-proof-v1"}'])(
    "is not read where it is none: %j",
    async (text) => {
      expect(await flawOf(text)).toBe("unreadable");
    },
  );
});
