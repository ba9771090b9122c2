/* logo.tsx - three rows of scales. */
export function Logo() {
	return (
		<svg class="logo" viewBox="0 0 32 32" aria-hidden="true">
			<rect width="32" height="32" rx="7" />
			<path d="M4 8a4 4 0 0 0 8 0a4 4 0 0 0 8 0a4 4 0 0 0 8 0" />
			<path d="M0 14.5a4 4 0 0 0 8 0a4 4 0 0 0 8 0a4 4 0 0 0 8 0a4 4 0 0 0 8 0" />
			<path d="M4 21a4 4 0 0 0 8 0a4 4 0 0 0 8 0a4 4 0 0 0 8 0" />
		</svg>
	);
}
