// Everything that iceberg-js can do, against a server that runs.
// PANGOLIN_URL and PANGOLIN_TOKEN: where it is, and who asks.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { before, test } from 'node:test';
import { IcebergRestCatalog, IcebergError, getCurrentSchema }
	from 'iceberg-js';

const { PANGOLIN_URL: baseUrl, PANGOLIN_TOKEN: token } = process.env;
const connect = (warehouse) => new IcebergRestCatalog({
	baseUrl, warehouse, auth: { type: 'bearer', token },
});
const catalog = connect('default');
const schema = {
	type: 'struct', 'schema-id': 0, 'identifier-field-ids': [1], fields: [
		{ id: 1, name: 'id', type: 'long', required: true },
		{ id: 2, name: 'price', type: 'decimal(9, 2)', required: false },
		{ id: 3, name: 'tags', required: false, type: {
			type: 'list', 'element-id': 4, element: 'string',
			'element-required': false } }],
};
const space = `js ${randomUUID()}`;
const table = (name) => ({ namespace: [space], name });
const below = (...levels) => ({ namespace: [space, ...levels] });

// Fails with this status and Iceberg's name for it.
const told = (promise, status, type) => assert.rejects(promise, (e) =>
	e instanceof IcebergError && e.status === status &&
	e.icebergType === type && e.icebergCode === status);

before(() => catalog.createNamespace(below(), { properties: { owner: 'ann' } }));

test('the configuration names prefix and endpoints', async () => {
	const config = await catalog.loadConfig();
	assert.equal(config.overrides.prefix, 'default');
	assert(config.endpoints.includes('GET /v1/{prefix}/namespaces'));
});

test('namespaces are made, listed, loaded, changed and dropped', async () => {
	const odd = below('a/b c+d%25', 'é🦔.');
	await catalog.createNamespace(below('a/b c+d%25'));
	assert.deepEqual((await catalog.createNamespace(odd)).namespace,
		odd.namespace);
	assert.deepEqual(
		(await catalog.listNamespaces({ parent: below('a/b c+d%25') }))
			.namespaces, [odd]);
	assert(await catalog.namespaceExists(odd));
	const done = await catalog.updateNamespaceProperties(below(),
		{ updates: { size: '3' }, removals: ['owner', 'none'] });
	assert.deepEqual([done.updated, done.removed, done.missing],
		[['size'], ['owner'], ['none']]);
	assert.deepEqual(
		(await catalog.loadNamespaceMetadata(below())).properties,
		{ size: '3' });
	await told(catalog.createNamespace(odd), 409, 'AlreadyExistsException');
	await catalog.createNamespaceIfNotExists(odd);
	await told(catalog.dropNamespace(below()), 409,
		'NamespaceNotEmptyException');
	await catalog.dropNamespace(odd);
	assert(!await catalog.namespaceExists(odd));
	await told(catalog.loadNamespaceMetadata(odd), 404,
		'NoSuchNamespaceException');
});

test('lists come in pages', async () => {
	for (let i = 0; i < 5; i++)
		await catalog.createTable(below(), { name: `page${i}`, schema });
	const names = [];
	let pageToken = '';
	do {
		const page = await catalog.listTables(below(),
			{ pageToken, pageSize: 2 });
		assert(page.identifiers.length <= 2);
		names.push(...page.identifiers.map((t) => t.name));
		pageToken = page.nextPageToken;
	} while (pageToken);
	assert.deepEqual(names.filter((n) => n.startsWith('page')),
		[0, 1, 2, 3, 4].map((i) => `page${i}`));
});

test('a table is made, loaded, committed to and dropped', async () => {
	const name = 'é t/1+%20';
	const made = await catalog.createTableResult(below(), {
		name, schema, properties: { colour: 'blue' },
		'partition-spec': { fields: [{ 'source-id': 1,
			name: 'bucket', transform: 'bucket[4]' }] },
		'write-order': { 'order-id': 1, fields: [{ 'source-id': 1,
			transform: 'identity', direction: 'asc',
			'null-order': 'nulls-first' }] },
	});
	assert(made.etag);
	assert.equal(await catalog.loadTable(table(name),
		{ ifNoneMatch: made.etag }), null);
	const committed = await catalog.commitTable(table(name), {
		requirements: [
			{ type: 'assert-table-uuid',
			  uuid: made.metadata['table-uuid'] },
			{ type: 'assert-ref-snapshot-id', ref: 'main',
			  'snapshot-id': null }],
		updates: [
			{ action: 'add-schema', schema: { ...schema, fields: [
				...schema.fields, { id: 5, name: 'note',
					type: 'string', required: false }] } },
			{ action: 'set-current-schema', 'schema-id': -1 },
			{ action: 'set-properties', updates: { size: '3' } }],
	});
	const loaded = await catalog.loadTableResult(table(name));
	assert.deepEqual(loaded.metadata, committed.metadata);
	assert.equal(loaded['metadata-location'],
		committed['metadata-location']);
	assert.equal(getCurrentSchema(loaded.metadata).fields.at(-1).name,
		'note');
	assert.deepEqual(loaded.metadata.properties,
		{ ...made.metadata.properties, size: '3' });
	await told(catalog.updateTable(table(name), { updates: [],
		requirements: [{ type: 'assert-current-schema-id',
			'current-schema-id': 0 }] }), 409, 'CommitFailedException');
	await told(catalog.createTable(below(), { name, schema }), 409,
		'AlreadyExistsException');
	assert.equal((await catalog.createTableIfNotExists(below(),
		{ name, schema }))['table-uuid'], made.metadata['table-uuid']);
	await catalog.dropTable(table(name), { purge: true });
	assert(!await catalog.tableExists(table(name)));
	await told(catalog.loadTable(table(name)), 404, 'NoSuchTableException');
});

test('a table is renamed and registered', async () => {
	const made = await catalog.createTableResult(below(),
		{ name: 'first', schema });
	await catalog.createNamespace(below('other'));
	const moved = { namespace: below('other').namespace, name: 'second' };
	await catalog.renameTable({ source: table('first'),
		destination: moved });
	assert(!await catalog.tableExists(table('first')));
	const kept = await catalog.loadTable(moved, { snapshots: 'refs' });
	assert.equal(kept['table-uuid'], made.metadata['table-uuid']);
	await catalog.dropTable(moved);
	const again = await catalog.registerTableResult(below(), {
		name: 'third', 'metadata-location': made['metadata-location'] });
	assert.deepEqual(again.metadata, made.metadata);
	assert.equal((await catalog.registerTable(below(), { name: 'third',
		'metadata-location': made['metadata-location'],
		overwrite: true }))['table-uuid'], made.metadata['table-uuid']);
});

test('a staged table is there with its first commit', async () => {
	const staged = await catalog.createTableResult(below(),
		{ name: 'staged', schema, 'stage-create': true });
	assert(!await catalog.tableExists(table('staged')));
	const { metadata: m } = staged;
	await catalog.commitTable(table('staged'), {
		requirements: [{ type: 'assert-create' }],
		updates: [
			{ action: 'assign-uuid', uuid: m['table-uuid'] },
			{ action: 'upgrade-format-version',
			  'format-version': m['format-version'] },
			{ action: 'add-schema', schema: m.schemas[0] },
			{ action: 'set-current-schema', 'schema-id': -1 },
			{ action: 'add-spec', spec: { fields: [] } },
			{ action: 'set-default-spec', 'spec-id': -1 },
			{ action: 'add-sort-order',
			  'sort-order': { 'order-id': 0, fields: [] } },
			{ action: 'set-default-sort-order',
			  'sort-order-id': -1 },
			{ action: 'set-location', location: m.location }],
	});
	assert.equal((await catalog.loadTable(table('staged')))['table-uuid'],
		m['table-uuid']);
});

// What Iceberg's API has no words for: branches and tags are made.
const manage = async (path, body) => {
	const reply = await fetch(`${baseUrl}/api/v1/${path}`, {
		method: 'POST', body: JSON.stringify(body), headers: {
			authorization: `Bearer ${token}`,
			'content-type': 'application/json' } });
	const text = await reply.text();
	assert(reply.ok, text);
	return JSON.parse(text);
};
const coloured = (colour) => ({ requirements: [], updates: [
	{ action: 'set-properties', updates: { colour } }] });
const colourOf = async (where, name) =>
	(await where.loadTable(table(name))).properties.colour;

test('a branch is written, and the past is read', async () => {
	await catalog.createTable(below(), { name: 'forked', schema,
		properties: { colour: 'red' } });
	const { name: branch, head_commit_id: commit } = await manage('branches',
		{ name: `js-${randomUUID().slice(0, 8)}x`, catalog: 'default' });
	const dev = connect(`default@${branch}`);
	await manage('tags', { name: `tag-${branch}`, catalog: 'default',
		commit_id: commit });
	await dev.commitTable(table('forked'), coloured('blue'));
	await catalog.commitTable(table('forked'), coloured('green'));
	await dev.createNamespace(below('only here'));
	await dev.createTable(below('only here'), { name: 'more', schema });
	await dev.renameTable({ source: table('forked'),
		destination: table('renamed') });
	assert.equal(await colourOf(dev, 'renamed'), 'blue');
	assert.equal(await colourOf(catalog, 'forked'), 'green');
	assert(!await dev.tableExists(table('forked')));
	assert(!await catalog.tableExists(table('renamed')));
	assert(!await catalog.namespaceExists(below('only here')));
	await dev.dropTable(table('renamed'));
	await told(dev.loadTable(table('renamed')), 404, 'NoSuchTableException');

	for (const address of [`tag-${branch}`, `${branch}~${commit}`]) {
		const past = connect(`default@${address}`);
		assert.equal(await colourOf(past, 'forked'), 'red');
		await assert.rejects(
			past.commitTable(table('forked'), coloured('black')),
			{ status: 400, message: /historic view/ });
		await assert.rejects(past.dropTable(table('forked')),
			{ status: 400, message: /historic view/ });
	}
	assert.equal(await colourOf(catalog, 'forked'), 'green');
});

test('whoever is nobody is told so', async () => {
	const nobody = new IcebergRestCatalog({ baseUrl, warehouse: 'default',
		auth: { type: 'bearer', token: 'wrong' } });
	await told(nobody.listNamespaces(), 401, 'NotAuthorizedException');
});
