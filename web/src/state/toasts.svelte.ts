/** Short messages that come and go. Those of errors stay for longer. */

export type ToastKind = "info" | "good" | "bad";

export interface Toast {
  readonly id: number;
  readonly kind: ToastKind;
  readonly title: string;
  readonly detail: string;
}

const SHOWN_MAX = 4;
const SHOWN_MS: Readonly<Record<ToastKind, number>> = { info: 5_000, good: 5_000, bad: 9_000 };

class Toasts {
  shown = $state<Toast[]>([]);
  #last = 0;

  show(kind: ToastKind, title: string, detail = ""): void {
    const id = ++this.#last;
    this.shown = [...this.shown, { id, kind, title, detail }].slice(-SHOWN_MAX);
    setTimeout(() => this.dismiss(id), SHOWN_MS[kind]);
  }

  dismiss(id: number): void {
    this.shown = this.shown.filter((toast) => toast.id !== id);
  }
}

export const toasts = new Toasts();
