/* signin.tsx - a name and a password, or a provider, for a session. */
import { useEffect, useRef, useState } from "preact/hooks";

import { enter, type Failure, get, post } from "./api";
import { useCell } from "./cell";
import { Logo } from "./logo";
import { Providers, takeToken } from "./providers";
import { notice, session } from "./session";

interface User {
	id: string;
	username: string;
	role: string;
	"tenant-id": string | null;
}

function show(user: User): void {
	notice.set("");
	session.set({
		id: user.id,
		username: user.username,
		tenant: user["tenant-id"] ?? "",
		root: user.role === "root",
		admin: user.role === "root" || user.role === "tenant-admin",
	});
}

/* A server that runs without authentication lets anybody in. */
async function enterOpenServer(signal: AbortSignal): Promise<void> {
	const config = await get<{ auth_enabled: boolean }>(
		"/api/v1/app-config",
		signal,
	);

	if (!config.auth_enabled) {
		const user = { id: "", role: "tenant-admin", "tenant-id": null };

		show({ ...user, username: "no sign-in" });
	}
}

/* The answer to the cookie shows that the browser has kept it. */
async function enterWith(token: string, signal: AbortSignal): Promise<void> {
	await enter(token);
	try {
		show(await get<User>("/api/v1/users/me", signal));
	} catch (error) {
		if ((error as Failure).status !== 401)
			throw error;
		throw new Error(
			"The browser has not kept the cookie of the session. Does it " +
				"refuse cookies, or is this page not the public_url of the " +
				"server?",
		);
	}
}

/* Back from a provider. */
async function enterFromProvider(signal: AbortSignal): Promise<void> {
	const token = await takeToken();

	if (token)
		await enterWith(token, signal);
}

export function SignIn() {
	const form = useRef<HTMLFormElement>(null);
	const [problem, setProblem] = useState("");
	const [busy, setBusy] = useState(false);
	const why = useCell(notice);

	useEffect(() => {
		const stop = new AbortController();

		document.title = "Sign in · Pangolin";
		enterOpenServer(stop.signal).catch(() => undefined);
		enterFromProvider(stop.signal).catch((error) => {
			if (!stop.signal.aborted)
				setProblem((error as Error).message);
		});
		return () => stop.abort();
	}, []);

	const submit = async (event: Event) => {
		event.preventDefault();
		const fields = new FormData(form.current ?? undefined);

		setBusy(true);
		setProblem("");
		try {
			const answer = await post<{ token: string }>(
				"/api/v1/users/login",
				{
					username: fields.get("username"),
					password: fields.get("password"),
				},
			);

			await enterWith(answer.token, new AbortController().signal);
		} catch (error) {
			setProblem((error as Error).message);
			setBusy(false);
			form.current?.password.select();
		}
	};

	return (
		<main class="sign-in">
			<form ref={form} onSubmit={submit}>
				<div class="brand">
					<Logo />
					<h1>Pangolin</h1>
				</div>
				<p class="dim">Sign in to your Iceberg catalogs.</p>
				{why && !problem && (
					<p class="message" role="status">
						{why}
					</p>
				)}
				<label>
					Username
					<input
						name="username"
						autocomplete="username"
						autocapitalize="none"
						spellcheck={false}
						required
						autofocus
					/>
				</label>
				<label>
					Password
					<input
						name="password"
						type="password"
						autocomplete="current-password"
						required
					/>
				</label>
				{problem && (
					<p class="message bad" role="alert">
						{problem}
					</p>
				)}
				<button type="submit" class="main" disabled={busy}>
					{busy ? "Signing in …" : "Sign in"}
				</button>
				<Providers />
			</form>
		</main>
	);
}
