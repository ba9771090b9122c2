/*
 * session.ts - who is signed in, in all tabs of the browser.  The session
 * itself is a cookie that no script reads; localStorage has who it is of, and
 * tells the other tabs when that changes.  Which tenant root works in is up to
 * each tab.
 */
import { Cell } from "./cell";

export interface Session {
	id: string; /* empty: nobody, the server asks nobody to sign in */
	username: string;
	tenant: string; /* id; empty: root has not chosen one yet */
	root: boolean;
	admin: boolean; /* may change what the tenant has; so may root */
}

const KEY = "pangolin-session";
const TENANT = "pangolin-tenant";

function stored(): Session | null {
	try {
		const found: Session | null = JSON.parse(
			localStorage.getItem(KEY) ?? "null",
		);
		const tenant = found?.root ? sessionStorage.getItem(TENANT) : null;

		return found && tenant ? { ...found, tenant } : found;
	} catch {
		return null;
	}
}

export const session = new Cell<Session | null>(stored());

/* What the sign-in page says, when something else than a click led there. */
export const notice = new Cell("");

session.watch((value) => {
	if (value?.root && value.tenant)
		sessionStorage.setItem(TENANT, value.tenant);
	else
		sessionStorage.removeItem(TENANT);
	if (value)
		localStorage.setItem(KEY, JSON.stringify(value));
	else
		localStorage.removeItem(KEY);
});

export function signOut(why: string): void {
	notice.set(why);
	session.set(null);
}

/* Another tab has signed in or out.  The tenant that root chooses there is no
 * business of this one. */
window.addEventListener("storage", (event) => {
	if (event.key !== KEY && event.key !== null)
		return;
	const now = stored();

	if (now?.id === session.get()?.id)
		return;
	notice.set(now ? "" : "The session was ended in another tab.");
	session.set(now);
});
