/** Requests to the public API: JSON in and out, decimals as text, errors as exceptions. */

import { say } from "../i18n/texts";
import { settings } from "../state/settings.svelte";
import { codeTexts, transportTexts } from "./codes";

const PREFIX = "/api/v2";
/** After this long without an answer a request counts as not answered. */
const TIMEOUT_MS = 15_000;

export const ACCOUNT_UNAVAILABLE = 1005;
export const NOT_AUTHENTICATED = 1014;
export const ONE_TIME_CODE = 1015;
export const NOT_PERMITTED = 1022;
const BAD_PARAMETER = 1007;
const MISSING_PARAMETER = 1001;

/** What the exchange answered instead of data. */
export class ApiError extends Error {
  constructor(
    readonly code: number,
    /** In the person's language, with the parameter or currency at fault. */
    readonly detail: string,
  ) {
    super(`${code}: ${detail}`);
  }
}

/** There was no answer: no network, or no server. */
export class Unreachable extends Error {}

/** An error as a sentence for people, in their language. */
export function inWords(error: unknown): string {
  if (error instanceof ApiError) {
    const text = (codeTexts as Record<number, string>)[error.code];
    if (!text) return say(transportTexts.unknown, { message: error.detail });
    const precise = error.code === BAD_PARAMETER || error.code === MISSING_PARAMETER;
    return precise && error.detail ? `${text} ${error.detail}` : text;
  }
  if (error instanceof Unreachable) return transportTexts.unreachable;
  throw error;
}

export type Query = Readonly<Record<string, string | number | undefined>>;

export function get<T>(path: string, query: Query = {}, headers: HeadersInit = {}): Promise<T> {
  const given = Object.entries(query).filter(([, value]) => value !== undefined);
  const search = new URLSearchParams(given.map(([name, value]) => [name, String(value)]));
  const url = `${PREFIX}${path}${given.length ? `?${search}` : ""}`;
  return send<T>(url, { method: "GET", headers });
}

export function post<T>(path: string, body: unknown = {}): Promise<T> {
  return send<T>(`${PREFIX}${path}`, {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-XSRF-TOKEN": xsrfToken() },
    body: JSON.stringify(body),
  });
}

/** The token that the session's cookies came with; empty: there is no session. */
export function xsrfToken(): string {
  return /(?:^|; )XSRF-TOKEN=([^;]*)/.exec(document.cookie)?.[1] ?? "";
}

type Envelope<T> = { code: number; message?: string; data: T };

async function send<T>(url: string, init: RequestInit): Promise<T> {
  const headers = new Headers(init.headers);
  headers.set("X-Number-Format", "string"); // a number in JSON would be read as a float
  headers.set("Accept-Language", settings.language);
  let envelope: Envelope<T>;
  try {
    const response = await fetch(url, {
      ...init,
      headers,
      credentials: "same-origin",
      cache: "no-store",
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    envelope = (await response.json()) as Envelope<T>;
  } catch (error) {
    throw new Unreachable(String(error), { cause: error });
  }
  if (envelope.code !== 0) throw new ApiError(envelope.code, envelope.message ?? "");
  return envelope.data;
}
