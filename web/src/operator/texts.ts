import { texts } from "../i18n/texts";

export const t = texts({
  title: ["Operator", "运营后台"],
});
