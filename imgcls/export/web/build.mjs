// Makes built/ from the sources beside it: npm ci && npm run build
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

const SOURCES = ["build.mjs", "classifier.js", "main.js", "package-lock.json", "pixels.js", "wasm.js"];
const hash = createHash("sha256");
for (const name of SOURCES) hash.update(readFileSync(name));
// The package says that its files are modules, but this one is made for a script element.
const loader = {
  name: "loader",
  setup: ({ onLoad }) =>
    onLoad({ filter: /litert_wasm_compat_internal\.js$/ }, ({ path }) => ({
      contents: `${readFileSync(path)}\nexport default ModuleFactory;`,
    })),
};

await build({
  entryPoints: ["main.js"],
  outfile: "built/main.js",
  bundle: true,
  minify: true,
  format: "iife",
  target: ["chrome107", "firefox113", "safari16.4"],
  charset: "ascii",
  legalComments: "none", // the licence of LiteRT.js is beside it and in each page
  plugins: [loader],
  alias: { "@litertjs/wasm-utils": "./wasm.js" },
  external: ["node:*", "fs", "path", "url", "crypto"], // of branches that a browser never takes
  banner: { js: `/* sources ${hash.digest("hex")} */` },
});
const wasm = "node_modules/@litertjs/core/wasm/litert_wasm_compat_internal.wasm";
writeFileSync("built/litert.wasm.gz", gzipSync(readFileSync(wasm), { level: 9 }));
