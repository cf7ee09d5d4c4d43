import { texts } from "../i18n/texts";

export const t = texts({
  markets: ["Markets", "行情"],
  fees: ["Fees and limits", "费率与限额"],
  reserves: ["Proof of reserves", "准备金证明"],
});
