/*
 * session.ts - who is signed in.  It lives as long as the browser's tab, in
 * sessionStorage, so that a reload does not ask again.
 */
import { Cell } from "./cell";

export interface Session {
	token: string; /* empty: the server asks nobody to sign in */
	id: string; /* empty: nobody */
	username: string;
	tenant: string; /* id; empty: root has not chosen one yet */
	root: boolean;
	admin: boolean; /* may change what the tenant has; so may root */
}

const KEY = "pangolin-session";

function stored(): Session | null {
	try {
		return JSON.parse(sessionStorage.getItem(KEY) ?? "null");
	} catch {
		return null;
	}
}

export const session = new Cell<Session | null>(stored());

/* What the sign-in page says, when something else than a click led there. */
export const notice = new Cell("");

session.watch((value) => {
	if (value)
		sessionStorage.setItem(KEY, JSON.stringify(value));
	else
		sessionStorage.removeItem(KEY);
});

export function signOut(why: string): void {
	notice.set(why);
	session.set(null);
}
