/* format.ts - numbers, sizes and times as people read them. */

const COUNT = new Intl.NumberFormat("en");
const TIME = new Intl.DateTimeFormat(undefined, {
	dateStyle: "medium",
	timeStyle: "medium",
});
const AGO = new Intl.RelativeTimeFormat("en", { numeric: "auto" });

export function count(n: number | string | undefined): string {
	return n === undefined || n === null ? "–" : COUNT.format(Number(n));
}

/* "1 table", "2 tables" */
export function counted(n: number, noun: string): string {
	return `${count(n)} ${noun}${n === 1 ? "" : "s"}`;
}

export function size(text: string | undefined): string {
	const units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];
	let bytes = Number(text);
	let unit = 0;

	if (text === undefined || Number.isNaN(bytes))
		return "–";
	for (; bytes >= 1024 && unit < units.length - 1; unit++)
		bytes /= 1024;
	return `${unit && bytes < 10 ? bytes.toFixed(1) : Math.round(bytes)} ${units[unit]}`;
}

export function time(at: number | string | null | undefined): string {
	if (at === null || at === undefined)
		return "–";
	const date = new Date(at);

	return Number.isNaN(date.getTime()) ? String(at) : TIME.format(date);
}

export function iso(at: number | string): string {
	const date = new Date(at);

	return Number.isNaN(date.getTime()) ? "" : date.toISOString();
}

export function ago(at: number | string): string {
	const seconds = (new Date(at).getTime() - Date.now()) / 1000;
	const steps: [Intl.RelativeTimeFormatUnit, number][] = [
		["day", 86400],
		["hour", 3600],
		["minute", 60],
	];

	for (const [unit, length] of steps) {
		if (Math.abs(seconds) >= length)
			return AGO.format(Math.trunc(seconds / length), unit);
	}
	return "just now";
}

/* 75: "1 min 15 s" */
export function duration(seconds: number): string {
	const s = Math.max(0, Math.round(seconds));

	if (s < 1)
		return "less than 1 s";
	if (s < 60)
		return `${s} s`;
	if (s < 3600)
		return `${Math.floor(s / 60)} min ${s % 60} s`;
	return `${Math.floor(s / 3600)} h ${Math.floor((s % 3600) / 60)} min`;
}

/* verify_catalog: "Verify catalog" */
export function words(name: string): string {
	const text = name.replaceAll("_", " ");

	return text.charAt(0).toUpperCase() + text.slice(1);
}
