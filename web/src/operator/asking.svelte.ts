/** The one dialog through which everything is done: it says what, and asks why. */

export interface Field {
  name: string;
  label: string;
  kind: "text" | "number" | "lines" | "choice" | "check" | "moment";
  value?: string;
  hint?: string;
  /** Of a choice: value and text. */
  options?: [value: string, text: string][];
  optional?: boolean;
}

export type Values = Readonly<Record<string, string>>;

export interface Action {
  title: string;
  /** What it does to what. */
  about: string;
  /** Of the reason, where it is more than noted. */
  reasonHint?: string;
  /** How many persons it takes, and who was the first. */
  persons?: string;
  danger?: boolean;
  fields?: Field[];
  /** Raises what a request raises. */
  run: (reason: string, values: Values) => Promise<unknown>;
  /** Afterwards. */
  then: () => unknown;
}

class Asking {
  action = $state.raw<Action | null>(null);

  open(action: Action): void {
    this.action = action;
  }

  close(): void {
    this.action = null;
  }
}

export const asking = new Asking();
