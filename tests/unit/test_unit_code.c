/* test_unit_code.c - a unit as bytes, and bytes that are none. */
#include "catalog/unit_code.h"

#include "record/value.h"
#include "tests/unit/gate_store.h"
#include "tests/unit/memory_store.h"

#define ROOM 2048

static const char nul[] = "a\0b";

/* A unit that has some of everything. */
struct sample {
	struct table_unit t;
	struct value put[GARBAGE_FIELDS], deleted[GARBAGE_FIELDS];
	struct value tested[REF_FIELDS];
	struct test test[2];
	struct write write[3];
};

static void
sample_init(struct sample *s)
{
	*s = (struct sample){ .t = { .name = "" } };
	table_unit_init(&s->t, "t\xc3\xa4", 12);
	s->t.put.deleted = true;
	s->t.put.origin = (struct point){ 3, 4 };
	s->t.unit.merged = (struct point){ 5, 6 };
	s->t.unit.message = STR("");
	s->put[GARBAGE_ID] = value_id(s->t.unit.id);
	s->put[GARBAGE_BRANCH] = value_int(-7);
	s->put[GARBAGE_OBJECT] = value_id(s->t.unit.id); /* is not set */
	s->put[GARBAGE_LOCATION] = value_text(STR("file:///x"));
	s->put[GARBAGE_DOOMED] = value_null();
	s->deleted[GARBAGE_ID] = value_id(s->t.unit.id);
	s->tested[REF_ID] = value_int(9);
	s->test[0] = (struct test){ REF_STATE, TEST_NE, value_int(2) };
	s->test[1] = (struct test){ REF_NAME, TEST_PREFIX,
		{ VALUE_BYTES, { .s = { nul, 3 } } } };
	s->write[0] = (struct write){ .entity = ENTITY_GARBAGE,
		.op = WRITE_PUT,
		.row = s->put,
		.set = (uint64_t)1 << GARBAGE_BRANCH |
		       (uint64_t)1 << GARBAGE_LOCATION |
		       (uint64_t)1 << GARBAGE_DOOMED };
	s->write[1] = (struct write){
		.entity = ENTITY_GARBAGE, .op = WRITE_DELETE, .row = s->deleted
	};
	s->write[2] = (struct write){ .entity = ENTITY_REFS,
		.op = WRITE_TEST,
		.row = s->tested,
		.when = s->test,
		.when_count = 2 };
	s->t.unit.writes = s->write;
	s->t.unit.write_count = 3;
}

static void
reads_back_what_it_packed(void **state)
{
	char bytes[ROOM];
	struct sample s;
	struct unit got;

	(void)state;
	sample_init(&s);

	size_t size = unit_pack(&s.t.unit, bytes, sizeof(bytes));

	assert_true(size > 0);
	assert_true(unit_unpack(call.arena, bytes, size, &got));
	assert_true(id_eq(got.id, s.t.unit.id));
	assert_str(got.author, STR("ann"));
	assert_non_null(got.message.ptr);
	assert_null(got.request_hash.ptr);
	assert_int_equal(got.merged.seq, 6);
	assert_int_equal(got.expect_count, 1);
	assert_int_equal(got.expects[0].op, EXPECT_SEQ);
	assert_int_equal(got.expects[0].seq, 12);
	assert_str(got.expects[0].key.name, s.t.put.key.name);
	assert_int_equal(got.put_count, 1);
	assert_int_equal(got.puts[0].origin.branch, 3);
	assert_true(got.puts[0].deleted);
	assert_true(id_eq(got.puts[0].object, s.t.put.object));
	assert_str(got.puts[0].location, s.t.put.location);
	assert_str(got.puts[0].key.ns, STR("ns"));
}

static void
reads_back_the_writes_it_packed(void **state)
{
	char bytes[ROOM];
	struct sample s;
	struct unit got;

	(void)state;
	sample_init(&s);

	size_t size = unit_pack(&s.t.unit, bytes, sizeof(bytes));

	assert_true(unit_unpack(call.arena, bytes, size, &got));
	assert_int_equal(got.write_count, 3);
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(got.writes[i].entity, s.write[i].entity);
		assert_int_equal(got.writes[i].op, s.write[i].op);
		assert_int_equal(got.writes[i].set, s.write[i].set);
		assert_int_equal(
		    got.writes[i].when_count, s.write[i].when_count);
	}

	const struct value *put = got.writes[0].row;
	const struct test *test = got.writes[2].when;

	assert_true(id_eq(put[GARBAGE_ID].as.id, s.t.unit.id));
	assert_int_equal(put[GARBAGE_BRANCH].as.i, -7);
	assert_int_equal(put[GARBAGE_OBJECT].type, VALUE_NULL);
	assert_str(put[GARBAGE_LOCATION].as.s, STR("file:///x"));
	assert_int_equal(put[GARBAGE_DOOMED].type, VALUE_NULL);
	assert_int_equal(got.writes[2].row[REF_ID].as.i, 9);
	assert_int_equal(test[0].op, TEST_NE);
	assert_int_equal(test[0].value.as.i, 2);
	assert_int_equal(test[1].field, REF_NAME);
	assert_int_equal(test[1].value.type, VALUE_BYTES);
	assert_str(test[1].value.as.s, ((struct str){ nul, 3 }));
}

static void
packs_nothing_into_too_little_room(void **state)
{
	char bytes[ROOM];
	struct sample s;

	(void)state;
	sample_init(&s);

	size_t size = unit_pack(&s.t.unit, bytes, sizeof(bytes));

	for (size_t room = 0; room < size; room++)
		assert_int_equal(unit_pack(&s.t.unit, bytes, room), 0);
}

/* In memory of its own size: a sanitizer sees a byte too many. */
static bool
is_read(const char *bytes, size_t size)
{
	char *own = malloc(size != 0 ? size : 1);
	struct unit got;
	bool read;

	assert_non_null(own);
	memcpy(own, bytes, size);
	read = unit_unpack(call.arena, own, size, &got);
	free(own);
	return read;
}

static void
refuses_bytes_that_were_cut(void **state)
{
	char bytes[ROOM] = { 0 };
	struct sample s;

	(void)state;
	sample_init(&s);

	size_t size = unit_pack(&s.t.unit, bytes, sizeof(bytes));

	assert_true(is_read(bytes, size));
	for (size_t cut = 0; cut < size; cut++)
		assert_false(is_read(bytes, cut));
	assert_false(is_read(bytes, size + 1));
}

/* Each byte in turn is another: what is read, if anything, is within. */
static void
survives_bytes_that_are_wrong(void **state)
{
	static const char wrong[] = { 0, 1, 0x7f, (char)0x80, (char)0xff };
	char bytes[ROOM];
	struct sample s;
	int refused = 0;

	(void)state;
	sample_init(&s);

	size_t size = unit_pack(&s.t.unit, bytes, sizeof(bytes));

	for (size_t i = 0; i < size; i++) {
		char was = bytes[i];

		for (size_t k = 0; k < sizeof(wrong); k++) {
			bytes[i] = wrong[k];
			refused += !is_read(bytes, size);
		}
		bytes[i] = was;
	}
	assert_true(refused > 500);
}

#define test(f) cmocka_unit_test_setup_teardown(f, open_store, close_store)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		test(reads_back_what_it_packed),
		test(reads_back_the_writes_it_packed),
		test(packs_nothing_into_too_little_room),
		test(refuses_bytes_that_were_cut),
		test(survives_bytes_that_are_wrong),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
