/* main.tsx - what stands around every page, and which page it is. */
import { render } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";

import { AccessPage } from "./access";
import { leave, link, tryNow } from "./api";
import { AuditPage } from "./audit";
import { CatalogPage, CatalogsPage } from "./catalogs";
import { useCell } from "./cell";
import { useAll } from "./load";
import { Logo } from "./logo";
import { Empty, Page } from "./parts";
import { href, type Route, useRoute } from "./route";
import { session } from "./session";
import { SignIn } from "./signin";
import { TablePage } from "./table";
import { TaskPage, TasksPage } from "./tasks";
import { OwnPassword } from "./users";
import { ViewPage } from "./view";
import { WarehousesPage } from "./warehouses";

function Banner() {
	const state = useCell(link);

	return (
		<div class="banner-place" role="status" aria-live="polite">
			{state === "down" && (
				<div class="banner down">
					<span>
						The server cannot be reached. Trying again …
					</span>
					<button type="button" onClick={tryNow}>
						Try now
					</button>
				</div>
			)}
			{state === "back" && (
				<div class="banner back">Connected again.</div>
			)}
		</div>
	);
}

interface Tenant {
	id: string;
	name: string;
}

function TenantChoice() {
	const who = useCell(session);
	const tenants = useAll<Tenant>("/api/v1/tenants").value;
	const first = (
		tenants?.find((t) => t.name === "default") ?? tenants?.[0]
	)?.id;
	const choose = (tenant: string) => who && session.set({ ...who, tenant });

	useEffect(() => {
		if (first && !who?.tenant)
			choose(first);
	}, [first, who?.tenant]);
	return (
		<label class="tenant">
			<span>Tenant</span>
			<select
				value={who?.tenant}
				onChange={(e) => {
					location.hash = "#/";
					choose(e.currentTarget.value);
				}}
			>
				{tenants?.map((t) => (
					<option key={t.id} value={t.id}>
						{t.name}
					</option>
				))}
			</select>
		</label>
	);
}

const PLACES: [string, string, string[]][] = [
	["Catalogs", href("catalogs"), ["catalogs", "tables", "views"]],
	["Warehouses", href("warehouses"), ["warehouses"]],
];

const ADMIN_PLACES: typeof PLACES = [
	["Tasks", href("tasks"), ["tasks"]],
	["Access", href("access"), ["access"]],
	["Audit", href("audit"), ["audit"]],
];

function Header(props: { page: string }) {
	const who = useCell(session);
	const [changing, setChanging] = useState(false);

	return (
		<header>
			<a
				class="brand"
				href={href("catalogs")}
				aria-label="Pangolin, start page"
			>
				<Logo />
				<span>Pangolin</span>
			</a>
			<nav aria-label="Main">
				{[...PLACES, ...(who?.admin ? ADMIN_PLACES : [])].map(([name, to, pages]) => (
					<a
						key={to}
						href={to}
						aria-current={
							pages.includes(props.page) ? "page" : undefined
						}
					>
						{name}
					</a>
				))}
			</nav>
			{who?.root && <TenantChoice />}
			{who?.id ? (
				<button
					type="button"
					class="who dim plain"
					title="Change password"
					onClick={() => setChanging(true)}
				>
					{who.username}
				</button>
			) : (
				<span class="who dim">{who?.username}</span>
			)}
			{who?.id && (
				<button type="button" onClick={() => void leave()}>
					Sign out
				</button>
			)}
			{changing && <OwnPassword close={() => setChanging(false)} />}
		</header>
	);
}

function Content(props: { route: Route }) {
	const { page, rest, tab, query } = props.route;
	const [first = "", ...more] = rest;
	const key = JSON.stringify(rest);

	if (page === "catalogs" && !first)
		return <CatalogsPage />;
	if (page === "catalogs")
		return (
			<CatalogPage
				key={key}
				catalog={first}
				levels={more}
				tab={tab}
				query={query}
			/>
		);
	if ((page === "tables" || page === "views") && more.length > 1) {
		const RelationPage = page === "tables" ? TablePage : ViewPage;
		const levels = more.slice(0, -1);
		const name = more[more.length - 1] ?? "";

		return (
			<RelationPage key={key} {...{ catalog: first, levels, name, tab }} />
		);
	}
	if (page === "warehouses")
		return <WarehousesPage />;
	if (page === "access")
		return <AccessPage key={key} rest={rest} tab={tab} />;
	if (page === "audit")
		return <AuditPage />;
	if (page === "tasks")
		return first ? <TaskPage key={key} id={first} /> : <TasksPage />;
	return (
		<Page title="Page not found">
			<Empty title="There is no such page.">
				<a href={href("catalogs")}>Go to the catalogs</a>
			</Empty>
		</Page>
	);
}

function App() {
	const who = useCell(session);
	const route = useRoute();
	const content = useRef<HTMLElement>(null);

	if (!who) {
		return (
			<>
				<Banner />
				<SignIn />
			</>
		);
	}
	return (
		<>
			<button
				type="button"
				class="skip"
				onClick={() => content.current?.focus()}
			>
				Skip to the content
			</button>
			<Header page={route.page} />
			<Banner />
			<main ref={content} tabIndex={-1} key={`${who.id} ${who.tenant}`}>
				{who.root && !who.tenant ? null : <Content route={route} />}
			</main>
		</>
	);
}

render(<App />, document.getElementById("app") as HTMLElement);
