// Builds static/dist from static/src and the npm packages.
//
// Every file directly in static/src/css and static/src/js is an entry and becomes static/dist/<same name>;
// folders below hold what entries import. static/src/icons is copied, and the application's icons are drawn from it.
// Third-party files go to static/dist/vendor. static/src/sw/worker-sw.js becomes one plain script; worker-shell.json names
// the files that the worker's phone keeps.
// `--watch` rebuilds on change and adds source maps.
import { cp, mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import esbuild from "esbuild";
import { drawIcons } from "./icons.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const modules = join(here, "..", "node_modules");
const dist = join(here, "dist");
const watch = process.argv.includes("--watch");

const VENDOR_FILES = {
  "tabler.min.css": "@tabler/core/dist/css/tabler.min.css",
  "htmx.min.js": "htmx.org/dist/htmx.min.js",
};

async function entries(folder, extension) {
  const path = join(here, "src", folder);
  if (!existsSync(path)) return [];
  const found = await readdir(path, { withFileTypes: true });
  return found.filter((file) => file.isFile() && file.name.endsWith(extension)).map((file) => join(path, file.name));
}

async function copyVendor() {
  for (const [target, source] of Object.entries(VENDOR_FILES)) {
    const path = join(dist, "vendor", target);
    await mkdir(dirname(path), { recursive: true });
    const text = await readFile(join(modules, source), "utf8");
    // The maps are not shipped, and hashed file names refuse a reference to a missing file.
    await writeFile(path, text.replace(/^\s*(\/\/|\/\*)# sourceMappingURL=.*$/gm, ""));
  }
}

await rm(dist, { recursive: true, force: true });
await mkdir(dist, { recursive: true });
await copyVendor();
const icons = join(here, "src", "icons");
if (existsSync(icons)) {
  await cp(icons, join(dist, "icons"), { recursive: true });
  await drawIcons(join(icons, "mark.svg"), join(dist, "icons"));
}

const common = {
  bundle: true,
  minify: !watch,
  sourcemap: watch,
  outdir: dist,
  target: ["es2022", "chrome107", "firefox104", "safari16"],
  loader: { ".svg": "dataurl", ".png": "dataurl" },
  legalComments: "none",
  logLevel: "warning",
};
const jobs = [
  { ...common, entryPoints: await entries("css", ".css") },
  { ...common, entryPoints: await entries("js", ".js"), format: "esm", splitting: true, chunkNames: "chunks/[name]-[hash]" },
  { ...common, entryPoints: [join(here, "src", "sw", "worker-sw.js")], format: "iife" },
].filter((job) => job.entryPoints.length > 0);

const SHELL = ["worker.css", "worker.js", "vendor/htmx.min.js", "icons/mark.svg", "icons/app-192.png"];

// A chunk is fetched by name from worker.js: the phone must have it too.
async function writeShell() {
  const found = [...SHELL];
  for (const path of found) {
    if (!path.endsWith(".js") || path.startsWith("vendor/")) continue;
    const text = await readFile(join(dist, path), "utf8");
    for (const [, name] of text.matchAll(/["'](?:\.\/|\.\.\/)?(?:chunks\/)?([\w-]+-[A-Z0-9]{8}\.js)["']/g)) {
      if (!found.includes(`chunks/${name}`)) found.push(`chunks/${name}`);
    }
  }
  await writeFile(join(dist, "worker-shell.json"), JSON.stringify(found));
}

if (watch) {
  const after = { name: "shell", setup: (build) => build.onEnd(() => writeShell().catch(() => {})) };
  for (const job of jobs) await (await esbuild.context({ ...job, plugins: [after] })).watch();
  console.log("Watching static/src; Ctrl-C stops.");
} else {
  await Promise.all(jobs.map((job) => esbuild.build(job)));
  await writeShell();
  console.log(`Built ${jobs.reduce((sum, job) => sum + job.entryPoints.length, 0)} entries into static/dist`);
}
