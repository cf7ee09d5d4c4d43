/**
 * The exchange's streams over one WebSocket: channels by name, for whoever listens.
 *
 * It connects again by itself, ever more slowly, and then subscribes to everything anew: each
 * channel begins with a snapshot, so whoever listens is right again without doing anything.
 */

export type SocketState = "connecting" | "open" | "reconnecting";

export interface Frame<T = unknown> {
  channel: string;
  type: "snapshot" | "update";
  data: T;
}

type Listener = (frame: Frame) => void;
type Notice =
  { type: "resync"; channel: string } | { type: "ended"; channel: string } | { type: "closing" };

/** `numbers=string`: exact decimals, as over HTTP with `X-Number-Format: string`. */
const PATH = "/api/v2/ws?numbers=string";
const BACK_OFF_MS_MIN = 500;
const BACK_OFF_MS_MAX = 8_000;
/** After so long without a word it is asked whether the other end is still there. */
const SILENCE_MS = 10_000;
const CONNECT_MS_MAX = 10_000;
/** Before a channel that could not be had is asked for again. */
const AGAIN_MS = 2_000;
/** The exchange is busy, or this client asked too often: neither lasts. */
const PASSING_CODES = [1002, 1003];

class Socket {
  state = $state<SocketState>("connecting");

  #socket: WebSocket | null = null;
  #listeners = new Map<string, Set<Listener>>();
  #reconnected = new Set<() => void>();
  #ended = new Set<() => void>();
  #attempt = 0;
  #lastId = 0;
  #asked = new Map<number, string>();
  #wasOpen = false;
  #alive: ReturnType<typeof setTimeout> | undefined;

  open(): void {
    addEventListener("online", () => this.#hurry());
    document.addEventListener("visibilitychange", () => {
      if (!document.hidden) this.#hurry();
    });
    this.#connect();
  }

  /** Connect anew, because somebody logged in or out: private channels are the cookie's. */
  renew(): void {
    const old = this.#socket;
    this.#forget();
    if (old?.readyState === WebSocket.CONNECTING) old.onopen = () => old.close();
    else old?.close();
    this.#attempt = 0;
    this.#connect();
  }

  /** Every frame of a channel goes to `listener`, until the returned function is called. */
  listen<T>(channel: string, listener: (frame: Frame<T>) => void): () => void {
    let listeners = this.#listeners.get(channel);
    if (!listeners) this.#listeners.set(channel, (listeners = new Set()));
    listeners.add(listener as Listener);
    // Also where others listen already: a newcomer needs a snapshot.
    this.#ask("subscribe", [channel]);
    return () => {
      listeners.delete(listener as Listener);
      if (listeners.size || this.#listeners.get(channel) !== listeners) return;
      this.#listeners.delete(channel);
      this.#ask("unsubscribe", [channel]);
    };
  }

  /** A new snapshot, for instance because a difference does not fit. */
  resync(channel: string): void {
    if (this.#listeners.has(channel)) this.#ask("subscribe", [channel]);
  }

  /** Called after each reconnection; returns what ends that. */
  onReconnected(listener: () => void): () => void {
    this.#reconnected.add(listener);
    return () => this.#reconnected.delete(listener);
  }

  /** Called where the server says that the session is no longer good. */
  onEnded(listener: () => void): () => void {
    this.#ended.add(listener);
    return () => this.#ended.delete(listener);
  }

  #connect(): void {
    const socket = new WebSocket(PATH);
    this.#socket = socket;
    const late = setTimeout(() => socket.close(), CONNECT_MS_MAX);
    socket.onopen = () => {
      clearTimeout(late);
      this.#opened();
    };
    socket.onmessage = (event) => {
      if (this.#socket === socket) this.#receive(String(event.data));
    };
    socket.onclose = () => {
      clearTimeout(late);
      if (this.#socket === socket) this.#lost();
    };
  }

  #opened(): void {
    const again = this.#wasOpen || this.#attempt > 0;
    this.#wasOpen = true;
    this.#attempt = 0;
    this.state = "open";
    this.#heard();
    // One request each: a private channel that is refused must not take the others with it.
    for (const channel of this.#listeners.keys()) this.#ask("subscribe", [channel]);
    if (again) for (const listener of this.#reconnected) listener();
  }

  #lost(): void {
    this.#forget();
    this.state = "reconnecting";
    const wait = Math.min(BACK_OFF_MS_MIN * 2 ** this.#attempt, BACK_OFF_MS_MAX);
    this.#attempt += 1;
    const jitter = 0.75 + Math.random() / 2; // so that not all clients come at once
    this.#retry = setTimeout(() => this.#connect(), wait * jitter);
  }

  #retry: ReturnType<typeof setTimeout> | undefined;

  #hurry(): void {
    if (this.#socket || this.state !== "reconnecting") return;
    clearTimeout(this.#retry);
    this.#connect();
  }

  #forget(): void {
    clearTimeout(this.#alive);
    clearTimeout(this.#retry);
    this.#asked.clear();
    this.#socket = null;
  }

  #receive(text: string): void {
    this.#heard();
    const message = JSON.parse(text) as Frame | Notice | { id: number; code: number };
    if (!("type" in message)) {
      this.#answered(message);
      return;
    }
    if (message.type === "snapshot" || message.type === "update") {
      for (const listener of this.#listeners.get(message.channel) ?? []) listener(message);
    } else if (message.type === "resync") {
      this.#later(message.channel);
    } else if (message.type === "ended") {
      for (const listener of this.#ended) listener();
    }
    // "closing" needs nothing: the connection ends by itself
  }

  #answered(answer: { id: number; code: number }): void {
    const channel = this.#asked.get(answer.id);
    this.#asked.delete(answer.id);
    if (channel !== undefined && PASSING_CODES.includes(answer.code)) this.#later(channel);
  }

  /** What could not be told now may be told soon: not at once, or two would only shout. */
  #later(channel: string): void {
    setTimeout(() => this.resync(channel), AGAIN_MS);
  }

  /** The other end is there: look again when it has been silent for a while. */
  #heard(): void {
    clearTimeout(this.#alive);
    this.#alive = setTimeout(() => {
      this.#ask("ping");
      this.#alive = setTimeout(() => this.#socket?.close(), SILENCE_MS);
    }, SILENCE_MS);
  }

  #ask(op: string, channels?: string[]): void {
    if (this.#socket?.readyState !== WebSocket.OPEN) return;
    this.#lastId += 1;
    if (op === "subscribe" && channels?.length === 1) this.#asked.set(this.#lastId, channels[0]!);
    this.#socket.send(JSON.stringify({ id: this.#lastId, op, ...(channels && { channels }) }));
  }
}

export const socket = new Socket();
