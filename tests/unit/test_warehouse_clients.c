/* test_warehouse_clients.c - when a row that is read makes clients. */
#include "catalog/sealing.h"
#include "catalog/warehouses.h"
#include "object/s3_clients.h"
#include "tests/unit/people.h"

static int
begin(void **state)
{
	(void)open_store(state);
	assert_ok(sealing_set_keys(
	    STR("a key that has thirty-two letters"), call.error));
	acme = new_tenant("acme");
	return 0;
}

/* It would hold the loop up by all connections that are closed. */
static void
clients_are_not_made_anew_on_the_event_loop(void **state)
{
	struct pair config[] = {
		{ STR("s3.bucket"), STR("lake") },
		{ STR("s3.endpoint"), STR("https://s3.example") },
		{ STR("s3.access-key-id"), STR("AKIA") },
		{ STR("s3.secret-access-key"), STR("hunter2") },
	};
	struct warehouse new = { .tenant = acme,
		.name = STR("wh"),
		.storage_config = { config, 4 } };
	struct warehouse got;

	(void)state;
	assert_ok(warehouses_create(&call, NULL, &new, &got));
	/* as in a process that has not made it */
	s3_clients_set(&(struct s3_warehouse){ .id = got.id });
	call.nowait = true;
	assert_int_equal(
	    warehouses_get(&call, acme, STR("wh"), &got), ERR_WOULD_BLOCK);
	call.nowait = false;
	assert_ok(warehouses_get(&call, acme, STR("wh"), &got));
	call.nowait = true;
	assert_ok(warehouses_get(&call, acme, STR("wh"), &got));
	call.nowait = false;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    clients_are_not_made_anew_on_the_event_loop, begin,
		    close_store),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
