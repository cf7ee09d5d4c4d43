import { expect, test } from "vitest";
import { csv } from "./csv";

test("what has a comma, a quote or a new line in it is quoted", () => {
  expect(csv([["a,b", 'say "x"', "1\n2", "plain"]])).toBe('"a,b","say ""x""","1\n2",plain\r\n');
});

test("figures stay as they are, below 0 too", () => {
  expect(csv([["-0.25", "1000000.00000001"]])).toBe("-0.25,1000000.00000001\r\n");
});

test("what a spreadsheet would run is text", () => {
  expect(csv([["=1+1", "@x", "+y", "-z"]])).toBe("'=1+1,'@x,'+y,'-z\r\n");
});
