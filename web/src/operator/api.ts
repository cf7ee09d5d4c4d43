/** What the console asks for and gets. Money is decimal text. */

import type { Figure } from "../api/types";

export interface Myself {
  uid: number;
  email: string;
}

export interface AlarmInfo {
  alarm: string;
  currency: string;
  cases: number;
}

export interface DashboardInfo {
  ready: boolean;
  version: string;
  engine: string;
  sequence: number;
  queue: number;
  read_models_behind: number;
  uptime_ms: number;
  commands_per_second: Figure;
  answers_per_second: Figure;
  command_ms_median: Figure;
  command_ms_p99: Figure;
  sync_ms_median: Figure;
  sync_ms_p99: Figure;
  withdrawals_waiting: number;
  deposits_open: number;
  alarms: AlarmInfo[];
}

export interface WalletInfo {
  currency: string;
  hot: Figure;
  cold: Figure;
  users: Figure;
  total: Figure;
  payable: Figure;
  /** Empty: nothing is owed. */
  ratio: string;
  height: number | null;
  looked_at_ms: number;
  withdrawals_paused: boolean;
  alarms: string[];
}

export interface UserRow {
  uid: number;
  email: string;
  name: string;
  one_time_codes: boolean;
  registered_ms: number;
  suspended: boolean;
}

export interface Transfer {
  id: number;
  status: string;
  uid: number;
  user: string;
  currency: string;
  amount: Figure;
  address: string;
  memo: string;
  reference: string;
  txid: string;
  confirmations: number | null;
  note: string;
  created_ms: number;
  updated_ms: number;
  two_persons: boolean;
  /** What one of two has said; the other has to say just the same. */
  endorsements: { decision: string; by: string }[];
}

export interface Deposit extends Transfer {
  held: Figure;
}

export interface Withdrawal extends Transfer {
  fee: Figure;
  pays: Figure;
}

export interface UserInfo extends UserRow {
  operator: boolean;
  balances: Record<
    string,
    { available: Figure; frozen: Figure; pending: Figure; held: Figure; total: Figure }
  >;
  open_orders: {
    id: number;
    market: string;
    type: "buy" | "sell";
    price: Figure;
    amount: Figure;
    executed: Figure;
    created_ms: number;
  }[];
  open_deposits: Deposit[];
  open_withdrawals: Withdrawal[];
  sessions: {
    session: string;
    created_ms: number;
    last_used_ms: number;
    address: string;
    user_agent: string;
  }[];
}

export interface AnnouncementRow {
  announcement: number;
  title_en: string;
  text_en: string;
  title_zh: string;
  text_zh: string;
  from_ms: number;
  until_ms: number | null;
  author: string;
  created_ms: number;
  shown: boolean;
}

export interface ActionInfo {
  number: number;
  time_ms: number;
  actor: string;
  via: string;
  address: string;
  action: string;
  parameters: string;
  reason: string;
  outcome: string;
}

export interface AuditRow {
  number: number;
}
