/** Every code of the API in words, for people. A test compares them with the server's. */

import { texts } from "../i18n/texts";

export const codeTexts = texts({
  1001: ["Something is missing.", "缺少必填内容。"],
  1002: ["Too many requests. Wait a moment and try again.", "请求过于频繁，请稍后再试。"],
  1003: [
    "The exchange could not do this just now. Try again shortly.",
    "系统暂时无法处理，请稍后重试。",
  ],
  1004: ["There is no such user.", "用户不存在。"],
  1005: ["This account is not available. Please contact support.", "该帐号不可用，请联系客服。"],
  1006: ["The signature does not fit.", "签名不匹配。"],
  1007: ["Something you entered is not accepted.", "输入的内容不正确。"],
  1008: ["You do not have enough available balance.", "可用余额不足。"],
  1009: ["The order is below the minimum value.", "订单低于最小交易额。"],
  1010: ["There is no such market.", "不支持该交易对。"],
  1011: ["This order is no longer open.", "订单不存在或已结束。"],
  1012: ["There is no such address.", "请求的地址不存在。"],
  1013: ["There is no such currency.", "币种不存在。"],
  1014: ["E-mail or password is wrong, or you are logged out.", "邮箱或密码有误，或登录已失效。"],
  1015: ["A one-time code is needed, or this one is wrong.", "需要一次性验证码，或验证码错误。"],
  1016: ["The market is not open for this at the moment.", "该市场暂停交易。"],
  1017: [
    "This post-only order would trade at once, so it was not placed.",
    "该订单会立即成交，不符合“只挂单”，未下单。",
  ],
  1018: [
    "Not all of it could be filled at once, so nothing was.",
    "无法全部立即成交，订单未成交。",
  ],
  1019: ["This order's name was used for another order.", "该自定义订单号已用于其他订单。"],
  1020: ["There is nothing to trade with at the moment.", "当前没有可成交的挂单。"],
  1021: ["The price is too far from the last one.", "价格偏离最新价过多。"],
  1022: ["You are not permitted to do this.", "没有此操作的权限。"],
});

export const transportTexts = texts({
  unreachable: [
    "The exchange cannot be reached. Check your connection and try again.",
    "无法连接交易所，请检查网络后重试。",
  ],
  unknown: ["The exchange refused this: {message}", "交易所拒绝了请求：{message}"],
});
