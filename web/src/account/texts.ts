import { texts } from "../i18n/texts";

export const t = texts({
  account: ["Account", "帐户"],
  logIn: ["Log in", "登录"],
  register: ["Create an account", "注册帐户"],
  email: ["E-mail", "邮箱"],
  password: ["Password", "密码"],
  passwordAgain: ["Password, once more", "确认密码"],
  passwordsDiffer: ["The two passwords differ.", "两次输入的密码不一致。"],
  code: ["One-time code", "一次性验证码"],
  codeHint: [
    "The six digits that your authenticator app shows.",
    "身份验证器应用显示的 6 位数字。",
  ],
  noAccount: ["No account yet?", "还没有帐户？"],
  haveAccount: ["Have an account already?", "已有帐户？"],
  welcome: ["Welcome to coinport", "欢迎使用 coinport"],
});
