// Renders each LaTeX string of a JSON array on standard input with strict KaTeX,
// and prints a JSON array: null where it renders, the error message where it does not.
//
//   node katex_check.mjs DIR     DIR holds node_modules/katex

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { resolve } from "node:path";

const katex = createRequire(resolve(process.argv[2] ?? ".", "_"))("katex");
// With `trust: false` a link is drawn in red instead of refused; this refuses it.
const trust = ({ command }) => {
  throw new Error(`${command} is not trusted`);
};
const options = { strict: "error", throwOnError: true, displayMode: true, trust };

function failure(latex) {
  try {
    katex.renderToString(latex, options);
    return null;
  } catch (error) {
    return error.message;
  }
}

const formulas = JSON.parse(readFileSync(0, "utf8"));
process.stdout.write(JSON.stringify(formulas.map(failure)));
