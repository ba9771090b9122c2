/* warehouse.tsx - the form of a warehouse: what it says is tested before it is
 * saved. */
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";

import { change, post } from "./api";
import { Check, Dialog, Field, SecretField, Trouble, useDeed } from "./deed";
import { bodyOf, type Fields, fieldsOf, placeOf, type Warehouse }
	from "./storage";

interface Probe {
	ok: boolean;
	conditional_put: boolean | null;
	signed_headers_only: boolean | null;
	steps: { name: string; ok: boolean | null; error: string | null }[];
}

const STEPS: Record<string, string> = {
	put: "Write", get: "Read", list: "List", delete: "Delete",
};

export function urlOf(name: string, rest = ""): string {
	return `/api/v1/warehouses/${encodeURIComponent(name)}${rest}`;
}

function Steps(props: { of: Probe }) {
	const { steps, ok, signed_headers_only } = props.of;

	return (
		<div role="status" class="probe">
			<ul class="steps" aria-label="Test">
				{steps.map((step) => (
					<li key={step.name} class={step.ok ? "good" : "bad"}>
						<strong>{STEPS[step.name] ?? step.name}</strong>{" "}
						{step.ok ? "works" : (step.error ?? "was not tried")}
					</li>
				))}
			</ul>
			{ok && signed_headers_only === false && (
				<p class="hint">
					This server acts on headers that are not signed: give
					remote signing only to clients that may read all that
					the key can.
				</p>
			)}
		</div>
	);
}

function Choice(props: {
	name: string;
	value: string;
	set: (value: string) => void;
	of: Record<string, string>;
}) {
	return (
		<label>
			{props.name}
			<select
				value={props.value}
				onChange={(e) => props.set(e.currentTarget.value)}
			>
				{Object.entries(props.of).map(([value, text]) => (
					<option key={value} value={value}>
						{text}
					</option>
				))}
			</select>
		</label>
	);
}

/* Writes to one field of the form. */
type Set = <K extends keyof Fields>(field: K) => (value: Fields[K]) => void;

interface Part {
	f: Fields;
	set: Set;
	isNew: boolean;
}

const KEPT = "Nobody can read it back; empty: it stays.";

function Secret(props: Part & { name: string; field: "secret" | "external" |
	"engineSecret" | "encryptionKey"; required?: boolean }) {
	return (
		<SecretField
			name={props.name}
			value={props.f[props.field]}
			set={props.set(props.field)}
			required={props.isNew && (props.required ?? false)}
			hint={props.isNew ? undefined : KEPT}
		/>
	);
}

function Bucket(props: Part) {
	const { f, set, isNew } = props;

	return (
		<>
			{isNew && (
				<>
					<Field name="Bucket" value={f.bucket}
						set={set("bucket")} required />
					<Field name="Prefix" value={f.prefix}
						set={set("prefix")} />
				</>
			)}
			<Field name="Endpoint" value={f.endpoint} set={set("endpoint")}
				hint="https://minio.example:9000; empty: AWS in the region" />
			<Field name="Region" value={f.region} set={set("region")} />
			<Choice name="Addresses" value={f.style}
				set={set("style") as (value: string) => void}
				of={{ "": "As usual there", true: "Bucket in the path",
					false: "Bucket in the host" }} />
			<Field name="Access key" value={f.key} set={set("key")}
				required />
			<Secret {...props} name="Secret key" field="secret" required />
			<Choice name="Encryption" value={f.encryption}
				set={set("encryption") as (value: string) => void}
				of={{ "": "As the bucket says", none: "None", s3: "SSE-S3",
					kms: "SSE-KMS" }} />
			{f.encryption === "kms" && (
				<Secret {...props} name="KMS key" field="encryptionKey" />
			)}
		</>
	);
}

function Engines(props: Part) {
	const { f, set } = props;

	return (
		<>
			<Choice name="Engines get" value={f.engines}
				set={set("engines") as (value: string) => void}
				of={{ None: "Nothing: they have keys of their own",
					AwsSts: "A session for one table (STS)",
					AwsStatic: "Keys that are always the same" }} />
			{f.engines === "AwsSts" && (
				<>
					<Field name="Role" value={f.role} set={set("role")}
						hint="arn:aws:iam::123456789012:role/lake" required />
					<Secret {...props} name="External id" field="external" />
				</>
			)}
			{f.engines === "AwsStatic" && (
				<>
					<Field name="Key of engines" value={f.engineKey}
						set={set("engineKey")} required />
					<Secret {...props} name="Secret of engines"
						field="engineSecret" required />
				</>
			)}
			{f.engines !== "None" && (
				<Check name="Also who does not ask for credentials"
					value={f.always} set={set("always")} />
			)}
			<Check name="Engines may delete files of their tables"
				value={f.deletes} set={set("deletes")} />
		</>
	);
}

function Form(props: Part & { name: string; children?: ComponentChildren }) {
	const { f, set, isNew } = props;

	return (
		<>
			{isNew && (
				<Choice name="Kind" value={f.kind}
					set={set("kind") as (value: string) => void}
					of={{ s3: "S3 bucket", file: "Directory of the server" }}
				/>
			)}
			{f.kind === "s3" ? (
				<>
					<Bucket {...props} />
					<Engines {...props} />
				</>
			) : (
				isNew && (
					<Field name="Directory" value={f.root} set={set("root")}
						hint="file:///srv/lake" required />
				)
			)}
			<Field name="Other places" value={f.allowed} set={set("allowed")}
				hint="Where single tables may be besides, with commas" />
		</>
	);
}

/* `of` null: a new one. */
export function WarehouseDialog(props: {
	of: Warehouse | null;
	close: () => void;
	saved: () => void;
}) {
	const [name, setName] = useState(props.of?.name ?? "");
	const [f, setFields] = useState(() => fieldsOf(props.of));
	const [probe, setProbe] = useState<Probe | null>(null);
	const testing = useDeed();
	const isNew = props.of === null;
	const body = bodyOf(f, props.of);
	const set: Set = (field) => (value) => {
		setProbe(null); /* it was about something else */
		setFields((before) => ({ ...before, [field]: value }));
	};
	const test = () =>
		testing.run(async () =>
			setProbe(await post<Probe>(urlOf(name, "/probe"), body)));
	const work = async () => {
		if (isNew)
			await change("POST", "/api/v1/warehouses", { name, ...body });
		else
			await change("PUT", urlOf(name), body);
		props.saved();
	};

	return (
		<Dialog
			title={isNew ? "New warehouse" : `Edit warehouse ${name}`}
			verb={isNew ? "Make warehouse" : "Save"}
			ready={probe?.ok ?? false}
			work={work}
			close={props.close}
		>
			{isNew ? (
				<Field
					name="Name"
					value={name}
					set={(typed) => {
						setProbe(null);
						setName(typed);
					}}
					required
					focus
				/>
			) : (
				<p>
					In <code>{placeOf(props.of?.storage_config ?? {})}</code>
				</p>
			)}
			<Form f={f} set={set} isNew={isNew} name={name} />
			{probe && <Steps of={probe} />}
			<Trouble of={testing} />
			<div class="buttons">
				<button type="button" disabled={testing.busy || !name}
					onClick={test}>
					{testing.busy ? "Testing …" : "Test"}
				</button>
				{!probe?.ok && (
					<span class="dim">What is tested can be saved.</span>
				)}
			</div>
		</Dialog>
	);
}
