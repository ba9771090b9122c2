/*
 * storage.ts - the storage_config and vending_strategy of a warehouse as the
 * fields of a form, and back.
 *
 * A config has one of two spellings, "s3.bucket" or "bucket"; what is there
 * keeps its own.  Secrets come masked from the server, which keeps a value
 * that it gets back masked: a field of a secret is empty until a new one is
 * typed.
 */
export type Config = Record<string, string>;
type Strategy = string | null | Record<string, Record<string, string>>;

export interface Warehouse {
	name: string;
	use_sts: boolean;
	storage_config: Config;
	vending_strategy: Strategy;
	bytes_written: number;
	bytes_read: number;
}

export interface Fields {
	kind: "s3" | "file";
	root: string;
	bucket: string;
	prefix: string;
	endpoint: string;
	region: string;
	style: "" | "true" | "false";
	key: string;
	secret: string;
	encryption: "" | "none" | "s3" | "kms";
	encryptionKey: string;
	allowed: string;
	engines: "None" | "AwsSts" | "AwsStatic";
	role: string;
	external: string;
	engineKey: string;
	engineSecret: string;
	always: boolean;
	deletes: boolean;
}

/* The fields that stand in a storage_config: dotted and plain. */
const NAMES: [keyof Fields, string, string][] = [
	["bucket", "s3.bucket", "bucket"],
	["prefix", "s3.prefix", "prefix"],
	["endpoint", "s3.endpoint", "endpoint"],
	["region", "s3.region", "region"],
	["style", "s3.path-style-access", "path_style_access"],
	["key", "s3.access-key-id", "access_key_id"],
	["secret", "s3.secret-access-key", "secret_access_key"],
	["encryption", "s3.sse.type", "sse_type"],
	["encryptionKey", "s3.sse.key", "sse_key"],
	["always", "credentials-by-default", "credentials_by_default"],
	["deletes", "engine-gc", "engine_gc"],
	["allowed", "allowed-locations", "allowed-locations"],
];
const SECRETS: (keyof Fields)[] = ["secret", "encryptionKey"];

function strategyOf(w: Warehouse): [Fields["engines"], Config] {
	const given = w.vending_strategy;

	if (given && typeof given === "object")
		for (const how of ["AwsSts", "AwsStatic"] as const)
			if (given[how])
				return [how, given[how]];
	return w.use_sts
		? ["AwsSts", { role_arn: w.storage_config["s3.role-arn"] ??
				w.storage_config["role_arn"] ?? "" }]
		: ["None", {}];
}

/* "s3://bucket/prefix" or a directory. */
export function placeOf(config: Config): string {
	const place = config["location"] ?? config["root"] ?? config["path"];
	const bucket = config["s3.bucket"] ?? config["bucket"];
	const prefix = config["s3.prefix"] ?? config["prefix"];

	if (place || !bucket)
		return place ?? "";
	return `s3://${bucket}${prefix ? `/${prefix}` : ""}`;
}

export function isS3(config: Config): boolean {
	return /^s3[an]?:/.test(placeOf(config));
}

export function fieldsOf(w: Warehouse | null): Fields {
	const config = w?.storage_config ?? {};
	const [engines, vending] = w ? strategyOf(w) : ["None" as const, {} as Config];
	const made: Record<string, string | boolean> = {
		kind: w && !isS3(config) ? "file" : "s3",
		root: placeOf(config),
		engines,
		role: vending["role_arn"] ?? "",
		external: "",
		engineKey: vending["access_key_id"] ?? "",
		engineSecret: "",
	};

	for (const [field, dotted, plain] of NAMES) {
		const value = config[dotted] ?? config[plain] ?? "";

		made[field] = SECRETS.includes(field) ? "" : value;
		if (field === "always" || field === "deletes")
			made[field] = value.toLowerCase() === "true";
	}
	return made as unknown as Fields;
}

function vendingOf(f: Fields, before: Config): Strategy {
	const kept = (name: string, typed: string) =>
		typed ? { [name]: typed } : before[name] ? { [name]: before[name] } : {};

	if (f.engines === "AwsSts")
		return { AwsSts: { role_arn: f.role,
			...kept("external_id", f.external) } };
	if (f.engines === "AwsStatic")
		return { AwsStatic: { access_key_id: f.engineKey,
			...kept("secret_access_key", f.engineSecret) } };
	return "None";
}

/* What a request says of a warehouse; what no field is for stays. */
export function bodyOf(f: Fields, w: Warehouse | null) {
	const before = w?.storage_config ?? {};
	const config: Config = { ...before };
	const plain = w !== null && NAMES.some(([, d, p]) => d !== p && before[p]);
	const [how, vending] = w ? strategyOf(w) : ["None", {} as Config];

	if (f.kind === "file" && !w)
		config["root"] = f.root;
	for (const [field, dotted, other] of NAMES) {
		const name = plain ? other : dotted;
		const value = String(f[field]);
		const isPlace = field === "bucket" || field === "prefix";

		if (f.kind === "file" && field !== "allowed")
			continue;
		if (field === "encryptionKey" && f.encryption !== "kms") {
			delete config[name]; /* the server refuses what has no use */
			continue;
		}
		if ((w && isPlace) || (SECRETS.includes(field) && !value))
			continue;
		if (value && value !== "false")
			config[name] = value;
		else if (field === "style" && value)
			config[name] = value;
		else
			delete config[name];
	}
	return {
		storage_config: config,
		use_sts: false,
		vending_strategy: vendingOf(f, how === f.engines ? vending : {}),
	};
}
