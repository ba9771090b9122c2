/* people.h - two tenants, and somebody of each kind in them. */
#ifndef PANGOLIN_PEOPLE_H
#define PANGOLIN_PEOPLE_H

#include "identity/tenants.h"
#include "identity/users.h"
#include "record/control.h"
#include "tests/unit/memory_store.h"

#define PASSWORD STR("correct horse")

/* Root, an administrator and a user of `acme`, an administrator of `other`. */
static struct principal root, admin, bob, stranger;
static struct id acme, other;

static inline struct principal
as(const struct user *u)
{
	return (struct principal){ .kind = PRINCIPAL_USER,
		.role = u->role,
		.id = u->id,
		.tenant = u->tenant,
		.acts_in = u->tenant,
		.username = u->username };
}

static inline struct id
new_tenant(const char *name)
{
	struct tenant new = { .name = str_from(name) }, made;

	assert_ok(tenants_create(&call, &new, &made));
	return made.id;
}

static inline struct principal
new_person(const char *name, struct id tenant, enum role role)
{
	struct new_user new = { .username = str_from(name),
		.email = arena_printf(call.arena, "%s@example.org", name),
		.password = PASSWORD,
		.tenant = tenant,
		.role = role };
	struct user made;

	assert_ok(users_create(&call, &root, &new, &made));
	return as(&made);
}

static inline int
open_store_with_people(void **state)
{
	(void)open_store(state);

	struct batch b = batch_of(&call);
	struct user top = { .id = id_v7(),
		.username = STR("root"),
		.email = STR("root@example.org"),
		.role = ROLE_ROOT,
		.active = true };
	enum verdict verdict;
	size_t failed;

	user_put(&b, &top);
	assert_ok(control_apply(&b, top.tenant, &verdict, &failed));
	root = as(&top);
	acme = new_tenant("acme");
	other = new_tenant("other");
	admin = new_person("admin", acme, ROLE_TENANT_ADMIN);
	bob = new_person("bob", acme, ROLE_TENANT_USER);
	stranger = new_person("stranger", other, ROLE_TENANT_ADMIN);
	return 0;
}

#endif
