/** What the API answers about an account, as far as these screens use it. */

import type { Figure } from "../api/types";

export type TransferStatus =
  "Pending" | "Processing" | "Confirming" | "Cancelled" | "Succeeded" | "Failed";

export interface Transfer {
  id: number;
  currency: string;
  /** Of a withdrawal, the fee included. */
  quantity: Figure;
  fee: Figure;
  status: TransferStatus;
  address: string;
  memo: string;
  txid: string;
  confirmations: number;
  reason: string;
  /** Why a withdrawal is pending still. */
  waits: "" | "large" | "day_limit" | "paused" | "suspended" | "by_hand";
  created: number;
  updated: number;
  simulated: boolean;
}

export interface BookEntry {
  id: number;
  currency: string;
  address: string;
  memo: string;
  label: string;
  counts_from: number;
}

export interface Book {
  only: boolean;
  entries: BookEntry[];
}

export interface Entry {
  id: string;
  type: "trade" | "credit" | "debit" | "deposit" | "deposit_written_off" | "withdrawal";
  change: Figure;
  fee: Figure;
  balance: Figure;
  market: string;
  trade_id: number;
  transfer_id: number;
  timestamp: number;
}

export interface SessionRow {
  session: string;
  created: number;
  last_used: number;
  address: string;
  user_agent: string;
  current: boolean;
}

export const GRANTS = ["read", "trade", "withdraw"] as const;
export type Grant = (typeof GRANTS)[number];

export interface Token {
  token: string;
  name: string;
  permissions: Grant[];
  ip_allow: string[];
  md5: boolean;
  created: number;
}
