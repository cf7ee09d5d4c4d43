/** What the API answers about reserves, as far as these screens use it. */

import type { Figure } from "../api/types";

export type Stats = [hot: Figure, cold: Figure, user: Figure, owed: Figure];
export type Purpose = "hot" | "cold" | "user";
export type AddressRow = [
  address: string,
  amount: Figure,
  purpose: Purpose,
  message: string,
  signature: string,
];

export interface ReserveStats {
  timestamp: number;
  stats: Record<string, Stats>;
  sent: Record<string, Figure>;
  short: string[];
  simulated_chains: string[];
}

export interface Reserves {
  timestamp: number;
  currency: string;
  stats: Stats;
  distribution: AddressRow[];
  height: number | null;
  block_hash: string | null;
  simulated: boolean;
}

export type FileRow = [id: number, time: string, name: string, size: number];

export interface Files {
  hasMore: boolean;
  snapshots?: FileRow[];
  transfers?: FileRow[];
  path: string;
  time_zone: string;
}
