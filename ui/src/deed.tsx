/* deed.tsx - what changes something: the dialog that asks for it, and how it
 * went. */
import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";

export interface Deed {
	busy: boolean;
	problem: string;
	run: (work: () => Promise<unknown>) => Promise<boolean>;
}

/* One thing at a time; what went wrong is told where it was asked for. */
export function useDeed(): Deed {
	const [busy, setBusy] = useState(false);
	const [problem, setProblem] = useState("");

	return {
		busy,
		problem,
		run: async (work) => {
			setBusy(true);
			setProblem("");
			try {
				await work();
				return true;
			} catch (error) {
				setProblem((error as Error).message);
				return false;
			} finally {
				setBusy(false);
			}
		},
	};
}

export function Trouble(props: { of: Deed }) {
	if (!props.of.problem)
		return null;
	return (
		<p class="message bad" role="alert">
			{props.of.problem}
		</p>
	);
}

/* The browser keeps the focus inside, and gives it back when it closes. */
export function Dialog(props: {
	title: string;
	verb: string;
	danger?: boolean;
	ready?: boolean;
	work: () => Promise<unknown>;
	close: () => void;
	children?: ComponentChildren;
}) {
	const box = useRef<HTMLDialogElement>(null);
	const deed = useDeed();

	useEffect(() => {
		box.current?.showModal();
	}, []);
	return (
		<dialog ref={box} aria-label={props.title} onClose={props.close}>
			<form
				onSubmit={async (e) => {
					e.preventDefault();
					if (await deed.run(props.work))
						box.current?.close();
				}}
			>
				<h2>{props.title}</h2>
				{props.children}
				<Trouble of={deed} />
				<div class="buttons">
					<button
						type="submit"
						class={props.danger ? "danger" : "main"}
						disabled={deed.busy || props.ready === false}
					>
						{props.verb}
					</button>
					<button type="button" onClick={() => box.current?.close()}>
						Cancel
					</button>
				</div>
			</form>
		</dialog>
	);
}

export function Field(props: {
	name: string;
	value: string;
	set: (value: string) => void;
	hint?: string;
	list?: string[];
	required?: boolean;
	focus?: boolean;
}) {
	const list = props.list && `list-${props.name.replaceAll(" ", "-")}`;
	const input = useRef<HTMLInputElement>(null);

	useEffect(() => {
		if (props.focus)
			input.current?.focus();
	}, []);
	return (
		<label>
			{props.name}
			<input
				ref={input}
				type="text"
				value={props.value}
				required={props.required ?? false}
				autocomplete="off"
				spellcheck={false}
				list={list}
				onInput={(e) => props.set(e.currentTarget.value)}
			/>
			{list && (
				<datalist id={list}>
					{props.list?.map((name) => (
						<option key={name} value={name} />
					))}
				</datalist>
			)}
			{props.hint && <span class="hint">{props.hint}</span>}
		</label>
	);
}

/* Not shown while it is typed, and not remembered. */
export function SecretField(props: {
	name: string;
	value: string;
	set: (value: string) => void;
	hint?: string | undefined;
	required?: boolean;
}) {
	return (
		<label>
			{props.name}
			<input
				type="password"
				value={props.value}
				required={props.required ?? false}
				autocomplete="new-password"
				onInput={(e) => props.set(e.currentTarget.value)}
			/>
			{props.hint && <span class="hint">{props.hint}</span>}
		</label>
	);
}

export function Check(props: {
	name: string;
	value: boolean;
	set: (value: boolean) => void;
}) {
	return (
		<label class="check">
			<input
				type="checkbox"
				checked={props.value}
				onChange={(e) => props.set(e.currentTarget.checked)}
			/>
			{props.name}
		</label>
	);
}

/* What cannot be taken back asks for the name. */
export function Confirm(props: {
	title: string;
	name: string;
	verb: string;
	work: () => Promise<unknown>;
	close: () => void;
	children: ComponentChildren;
}) {
	const [typed, setTyped] = useState("");

	return (
		<Dialog
			title={props.title}
			verb={props.verb}
			danger
			ready={typed === props.name}
			work={props.work}
			close={props.close}
		>
			{props.children}
			<Field
				name={`Type ${props.name} to go on`}
				value={typed}
				set={setTyped}
				focus
			/>
		</Dialog>
	);
}
