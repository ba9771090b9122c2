/* parts.tsx - what all pages are made of. */
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";

import type { Failure } from "./api";
import { ago, iso, time } from "./format";
import type { Pages } from "./load";
import { toTop } from "./place";

export interface Crumb {
	name: string;
	href?: string;
}

/* Behind these a name or a path may go on in the next line. */
const SEAM = /(?<=[_\-.,:;/+=@~])|(?<=[\p{Ll}\d])(?=\p{Lu})/u;

/* Text that breaks between its words, also where no space is. */
export function seamed(text: string) {
	return text.split(SEAM).map((word, n) => (
		<>
			{n > 0 && <wbr />}
			{word}
		</>
	));
}

/* Of a word that is longer than the line the end is not shown, so the whole
 * name is the tooltip. */
export function Name(props: { of: string; title?: string }) {
	return (
		<span class="words" title={props.title ?? props.of}>
			{seamed(props.of)}
		</span>
	);
}

/* The heading takes the focus when a page opens, so that a reader of the
 * screen hears where it is. */
export function Page(props: {
	title: string;
	crumbs?: Crumb[];
	aside?: ComponentChildren;
	children: ComponentChildren;
}) {
	const heading = useRef<HTMLHeadingElement>(null);

	useEffect(() => {
		document.title = `${props.title} · Pangolin`;
		heading.current?.focus({ preventScroll: true });
		toTop();
	}, [props.title]);
	return (
		<>
			{props.crumbs && <Crumbs of={props.crumbs} />}
			<div class="title">
				<h1 ref={heading} tabIndex={-1}>
					<Name of={props.title} />
				</h1>
				{props.aside}
			</div>
			{props.children}
		</>
	);
}

function Crumbs(props: { of: Crumb[] }) {
	return (
		<nav aria-label="Breadcrumb" class="crumbs">
			<ol>
				{props.of.map((c) => (
					<li key={c.href ?? c.name}>
						{c.href ? (
							<a href={c.href}>
								<Name of={c.name} />
							</a>
						) : (
							<span aria-current="page">
								<Name of={c.name} />
							</span>
						)}
					</li>
				))}
			</ol>
		</nav>
	);
}

/* A table that becomes a list of cards on a narrow screen; the roles keep it
 * a table to those who hear it. */
export function Grid(props: {
	label: string;
	columns: string[];
	rows: { key: string; cells: ComponentChildren[]; class?: string }[];
}) {
	return (
		<table class="grid" role="table" aria-label={props.label}>
			<thead role="rowgroup">
				<tr role="row">
					{props.columns.map((c) => (
						<th role="columnheader" scope="col" key={c}>
							{c}
						</th>
					))}
				</tr>
			</thead>
			<tbody role="rowgroup">
				{props.rows.map((row) => (
					<tr role="row" key={row.key} class={row.class}>
						{row.cells.map((cell, n) => (
							<td
								role="cell"
								key={n}
								class={cell === "" ? "none" : ""}
								data-label={props.columns[n]}
							>
								<div>{cell}</div>
							</td>
						))}
					</tr>
				))}
			</tbody>
		</table>
	);
}

export function Fact(props: { name: string; children: ComponentChildren }) {
	return (
		<div>
			<dt>{props.name}</dt>
			<dd>{props.children}</dd>
		</div>
	);
}

export function Pairs(props: { of: Record<string, string>; label: string }) {
	return (
		<dl class="pairs" aria-label={props.label}>
			{Object.entries(props.of)
				.sort(([a], [b]) => a.localeCompare(b))
				.map(([name, value]) => (
					<div key={name}>
						<dt>
							<Name of={name} />
						</dt>
						<dd>{seamed(value)}</dd>
					</div>
				))}
		</dl>
	);
}

/* The parts of a page that are shown one at a time; names by what stands in
 * the address. */
export function Tabs(props: {
	label: string;
	base: string;
	names: Record<string, string>;
	at: string;
}) {
	return (
		<nav class="tabs" aria-label={props.label}>
			{Object.entries(props.names).map(([tab, name]) => (
				<a
					key={tab}
					href={`${props.base}?tab=${tab}`}
					aria-current={tab === props.at ? "page" : undefined}
				>
					{name}
				</a>
			))}
		</nav>
	);
}

export function Loading(props: { what: string }) {
	return (
		<div class="state loading" role="status">
			<span class="spinner" aria-hidden="true" />
			Loading {props.what} …
		</div>
	);
}

export function Empty(props: { title: string; children?: ComponentChildren }) {
	return (
		<div class="state">
			<strong>{props.title}</strong>
			{props.children && <p>{props.children}</p>}
		</div>
	);
}

export function Problem(props: { of: Failure; again: () => void }) {
	return (
		<div class="state problem" role="alert">
			<strong>
				{props.of.status === 404
					? "This is not here"
					: props.of.status === 403
						? "You may not see this"
						: "This did not work"}
			</strong>
			<p>{props.of.message}</p>
			<button type="button" onClick={props.again}>
				Try again
			</button>
		</div>
	);
}

export function When(props: { at: number | string }) {
	return (
		<time dateTime={iso(props.at)} title={iso(props.at)}>
			{time(props.at)} <span class="dim">{ago(props.at)}</span>
		</time>
	);
}

export function Badge(props: { kind?: string; children: ComponentChildren }) {
	return (
		<span class={`badge ${props.kind ?? ""}`}>{props.children}</span>
	);
}

/* A list that comes page by page, and the button for more. */
export function Listed<T>(props: {
	pages: Pages<T>;
	noun: string;
	children: (items: T[]) => ComponentChildren;
}) {
	const { items, failure, again, more, busy } = props.pages;

	return (
		<>
			{items && props.children(items)}
			{failure && <Problem of={failure} again={again} />}
			{!items && !failure && <Loading what={props.noun} />}
			{more && !failure && (
				<button type="button" class="more" disabled={busy} onClick={more}>
					{busy ? "Loading …" : "Show more"}
				</button>
			)}
		</>
	);
}

/* What is shown of a load: its value, or why there is none. */
export function shown<T>(
	load: { value?: T; failure?: Failure; again: () => void },
	what: string,
	view: (value: T) => ComponentChildren,
) {
	if (load.failure)
		return <Problem of={load.failure} again={load.again} />;
	if (load.value === undefined)
		return <Loading what={what} />;
	return view(load.value);
}
