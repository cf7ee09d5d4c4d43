import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig, type Plugin } from "vite";

const OUTPUT = "../src/coinport/gateway/page";
const SERVER = process.env["COINPORT_SERVER"] ?? "http://127.0.0.1:8000";

/** Beside each text file the same compressed, so that the server only has to choose. */
function compressed(): Plugin {
  return {
    name: "compressed",
    apply: "build",
    closeBundle() {
      const root = join(import.meta.dirname, OUTPUT);
      for (const name of readdirSync(root, { recursive: true, encoding: "utf8" })) {
        if (!/\.(js|css|svg|html)$/.test(name)) continue;
        const content = readFileSync(join(root, name));
        writeFileSync(join(root, `${name}.br`), brotliCompressSync(content));
        writeFileSync(join(root, `${name}.gz`), gzipSync(content, { level: 9 }));
      }
    },
  };
}

export default defineConfig({
  plugins: [svelte(), compressed()],
  build: {
    outDir: OUTPUT,
    emptyOutDir: true,
    target: "es2022",
    assetsInlineLimit: 0, // the Content-Security-Policy lets no data: URL in
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    rolldownOptions: { checks: { bundlerTimings: false } }, // a slow machine is no fault of the build
  },
  server: { proxy: { "/api": { target: SERVER, ws: true } } },
});
