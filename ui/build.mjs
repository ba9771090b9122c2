/*
 * build.mjs DIR - writes the page's files into DIR: index.html, and the
 * others with a hash of their content in the name, so that browsers may keep
 * them for ever.  The same sources give the same bytes.
 */
import { build } from "esbuild";
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";

const out = process.argv[2];
const here = new URL(".", import.meta.url);

function read(name) {
	return readFileSync(new URL(name, here), "utf-8");
}

/* Gives its URL, which is relative: a proxy may serve the page below any path. */
function emit(stem, suffix, bytes) {
	const hash = createHash("sha256").update(bytes).digest("hex");
	const name = `${stem}-${hash.slice(0, 12)}.${suffix}`;

	writeFileSync(`${out}/${name}`, bytes);
	return `assets/${name}`;
}

const built = await build({
	absWorkingDir: new URL(".", here).pathname,
	entryPoints: { app: "src/main.tsx", style: "src/style.css" },
	bundle: true,
	minify: true,
	write: false,
	outdir: "out",
	format: "esm",
	target: ["es2022"],
	jsx: "automatic",
	jsxImportSource: "preact",
	legalComments: "none",
	charset: "utf8",
});
const text = (suffix) =>
	built.outputFiles.find((f) => f.path.endsWith(suffix)).contents;

rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });
const urls = {
	"app.js": emit("app", "js", text(".js")),
	"style.css": emit("style", "css", text(".css")),
	"icon.svg": emit("icon", "svg", read("src/icon.svg")),
};
let page = read("src/index.html");
for (const [from, to] of Object.entries(urls))
	page = page.replaceAll(`"${from}"`, `"${to}"`);
writeFileSync(`${out}/index.html`, page);
