/* cell.ts - a value that several parts of the page watch. */
import { useEffect, useState } from "preact/hooks";

export class Cell<T> {
	#value: T;
	#watchers = new Set<(value: T) => void>();

	constructor(value: T) {
		this.#value = value;
	}

	get(): T {
		return this.#value;
	}

	set(value: T): void {
		if (value === this.#value)
			return;
		this.#value = value;
		for (const watcher of [...this.#watchers])
			watcher(value);
	}

	watch(watcher: (value: T) => void): () => void {
		this.#watchers.add(watcher);
		return () => this.#watchers.delete(watcher);
	}
}

export function useCell<T>(cell: Cell<T>): T {
	const [value, setValue] = useState(cell.get());

	useEffect(() => {
		setValue(cell.get());
		return cell.watch(setValue);
	}, [cell]);
	return value;
}
