/** Lists that come page by page. */

import { untrack } from "svelte";

import { get, inWords, type Query } from "../api/client";
import type { Order, OwnTrade } from "../api/types";
import { session } from "../state/session.svelte";
import type { Entry, Transfer } from "./answers";

export type Kind = "deposits" | "withdrawals" | "orders" | "trades";
export type Listed = Kind | "statement";
export type Row = Transfer | Order | OwnTrade | Entry;

const PAGE = 50;
/** Of what is written into a file, a page at a time. */
const PAGE_MAX = 200;
const ROWS_MAX = 50_000;

const ROWS_IN: Readonly<Record<Listed, string>> = {
  deposits: "deposits",
  withdrawals: "withdrawals",
  orders: "orders",
  trades: "trades",
  statement: "entries",
};

export class Pages<T> {
  /** null: not known yet. */
  rows = $state.raw<readonly T[] | null>(null);
  hasMore = $state(false);
  busy = $state(false);
  problem = $state("");

  constructor(
    readonly kind: Listed,
    readonly query: Query,
  ) {}

  /** Untracked: an effect that opens a list must not run again for each answer it brought. */
  more(): Promise<void> {
    return untrack(() => this.#more());
  }

  async #more(): Promise<void> {
    if (this.busy) return;
    this.busy = true;
    this.problem = "";
    try {
      const known = this.rows ?? [];
      const { rows, hasMore } = await page<T>(this.kind, this.query, known.at(-1), PAGE);
      this.rows = [...known, ...rows];
      this.hasMore = hasMore;
    } catch (error) {
      this.failed(error);
    } finally {
      this.busy = false;
    }
  }

  failed(error: unknown): void {
    session.heed(error);
    this.problem = inWords(error);
  }
}

/** All of it, up to a bound that a browser can hold. Raises ApiError, Unreachable. */
export async function all<T>(kind: Listed, query: Query): Promise<T[]> {
  const found: T[] = [];
  for (let hasMore = true; hasMore && found.length < ROWS_MAX;) {
    const next = await page<T>(kind, query, found.at(-1), PAGE_MAX);
    found.push(...next.rows);
    hasMore = next.hasMore && next.rows.length > 0;
  }
  return found;
}

async function page<T>(kind: Listed, query: Query, last: T | undefined, limit: number) {
  const cursor = last === undefined ? undefined : idOf(last as Row);
  const answer = await get<Record<string, unknown>>(`/user/${kind}`, { ...query, cursor, limit });
  return { rows: answer[ROWS_IN[kind]] as T[], hasMore: Boolean(answer["hasMore"]) };
}

function idOf(row: Row): string | number {
  if ("balance" in row) return row.id;
  if ("role" in row) return row.trade_id;
  return "order_type" in row ? row.order_id : row.id;
}
