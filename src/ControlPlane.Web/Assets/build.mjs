// Bundles scripts and styles into wwwroot/dist. Icons: only those that a page or script names get a rule.
import { build } from "esbuild";
import { cp, mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const out = join(root, "wwwroot", "dist");
const icons = join(root, "node_modules/@tabler/icons-webfont/dist");

async function sources(folder) {
  const entries = await readdir(folder, { withFileTypes: true });
  const nested = await Promise.all(entries.filter((e) => e.isDirectory() && !["bin", "obj"].includes(e.name)).map((e) => sources(join(folder, e.name))));
  return [...entries.filter((e) => e.isFile() && /\.(cshtml|cs|ts)$/.test(e.name)).map((e) => join(folder, e.name)), ...nested.flat()];
}

async function iconRules() {
  const files = [...(await sources(join(root, "Pages"))), ...(await sources(join(root, "Assets"))), ...(await sources(join(root, "Look")))];
  const texts = await Promise.all(files.map((file) => readFile(file, "utf8")));
  const named = new Set(texts.flatMap((text) => [...text.matchAll(/\bti-[a-z0-9-]+/g)].map((match) => match[0])));
  const all = await readFile(join(icons, "tabler-icons.css"), "utf8");
  const rules = [...named].sort().map((name) => {
    const rule = new RegExp(`\\.${name}:before\\s*\\{[^}]*\\}`).exec(all);
    if (!rule) throw new Error(`There is no icon ${name} in @tabler/icons-webfont.`);
    return rule[0];
  });
  const face = '@font-face{font-family:"tabler-icons";font-display:block;src:url("./tabler-icons.woff2") format("woff2")}';
  const base = '.ti{font-family:"tabler-icons"!important;font-style:normal;font-weight:400;font-variant:normal;line-height:1;-webkit-font-smoothing:antialiased}';
  return [face, base, ...rules].join("\n");
}

await rm(out, { recursive: true, force: true });
await mkdir(out, { recursive: true });
await build({
  absWorkingDir: root,
  entryPoints: { app: "Assets/app.ts", theme: "Assets/theme.ts", style: "Assets/css/style.css" },
  outdir: out,
  bundle: true,
  minify: true,
  sourcemap: "linked",
  format: "iife",
  target: ["es2022"],
  legalComments: "none",
  logLevel: "warning",
  external: ["*.woff2", "*.woff"],
});
await writeFile(join(out, "icons.css"), await iconRules());
await cp(join(icons, "fonts/tabler-icons.woff2"), join(out, "tabler-icons.woff2"));
