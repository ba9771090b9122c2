/* picker.tsx - which branch, tag, commit or instant a page shows. */
import { useState } from "preact/hooks";

import { useCell } from "./cell";
import { time } from "./format";
import { Badge } from "./parts";
import { addressOf, catalogOf, isId, partsOf, prefixOf, type Refs,
	refsChanged, short, useRefs } from "./refs";

interface Going {
	catalog: string;
	address: string;
	go: (address: string) => void;
}

function Choice(props: Going & { refs: Refs }) {
	const { refs, address, go } = props;
	const { ref } = partsOf(address);
	const chosen = ref || refs.main;
	const known = [...refs.branches, ...refs.tags];

	return (
		<label>
			Branch or tag
			<select
				value={chosen}
				onChange={(e) => {
					const name = e.currentTarget.value;

					go(name === refs.main ? "" : name);
				}}
			>
				{known.every((r) => r.name !== chosen) && (
					<option>{chosen}</option>
				)}
				<optgroup label="Branches">
					{refs.branches.map((b) => (
						<option key={b.name}>{b.name}</option>
					))}
				</optgroup>
				{refs.tags.length > 0 && (
					<optgroup label="Tags">
						{refs.tags.map((t) => (
							<option key={t.name}>{t.name}</option>
						))}
					</optgroup>
				)}
			</select>
		</label>
	);
}

/* An instant in the time of this machine, or the id of a commit. */
function instantOf(text: string): string {
	const date = new Date(text);

	if (isId(text) || Number.isNaN(date.getTime()))
		return text;
	return date.toISOString().replace(/\.\d+Z$/, "Z");
}

function AsOf(props: Going) {
	const [open, setOpen] = useState(false);
	const [text, setText] = useState("");
	const { ref, at } = partsOf(props.address);

	if (at) {
		return (
			<span class="as-of">
				<span class="dim">
					{isId(at) ? `at commit ${short(at)}` : `as of ${time(at)}`}
				</span>
				<button type="button" onClick={() => props.go(ref)}>
					Back to now
				</button>
			</span>
		);
	}
	if (!open) {
		return (
			<button type="button" onClick={() => setOpen(true)}>
				As of …
			</button>
		);
	}
	return (
		<form
			class="as-of"
			onSubmit={(e) => {
				e.preventDefault();
				setOpen(false);
				if (text.trim())
					props.go(`${ref}~${instantOf(text.trim())}`);
			}}
		>
			<label>
				Time or commit
				<input
					ref={(e) => e?.focus()}
					placeholder="2026-11-01 09:30"
					value={text}
					onInput={(e) => setText(e.currentTarget.value)}
					onKeyDown={(e) => e.key === "Escape" && setOpen(false)}
				/>
			</label>
			<button type="submit">Show</button>
		</form>
	);
}

function Marks(props: { address: string; refs: Refs }) {
	const { ref, at } = partsOf(props.address);
	const branch = props.refs.branches.find(
		(b) => b.name === (ref || props.refs.main),
	);

	if (at || (!branch && props.refs.tags.some((t) => t.name === ref)))
		return <Badge kind="warning">read only</Badge>;
	return branch?.protected ? <Badge>protected</Badge> : null;
}

/* `to` gives where a page of another state is. */
export function Picker(props: {
	prefix: string;
	to: (prefix: string) => string;
}) {
	const catalog = catalogOf(props.prefix);
	const refs = useRefs(catalog, useCell(refsChanged));
	const going = {
		catalog,
		address: addressOf(props.prefix),
		go: (address: string) => {
			location.hash = props.to(prefixOf(catalog, address));
		},
	};

	if (!refs)
		return null;
	return (
		<div class="picker">
			<Marks address={going.address} refs={refs} />
			<Choice {...going} refs={refs} />
			<AsOf {...going} />
		</div>
	);
}
