import { texts } from "../i18n/texts";

export const t = texts({
  title: ["Trade", "交易"],
});
