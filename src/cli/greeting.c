#include "cli/greeting.h"

#include <stdio.h>
#include <unistd.h>

#include "base/log.h"
#include "cli/store_work.h"
#include "identity/bootstrap.h"
#include "tls/self_signed.h"

/* Where a client on this machine reaches the server. */
static struct str
local_url(const struct serving *s, struct arena *a)
{
	const struct address *at = &s->settings.listen;
	const char *scheme = settings_use_tls(&s->settings) ? "https" : "http";
	bool everywhere =
	    str_eq(at->host, STR("0.0.0.0")) || str_eq(at->host, STR("::"));

	return everywhere ? arena_printf(a, "%s://127.0.0.1:%u", scheme,
				(unsigned)at->port)
			  : arena_printf(
				a, "%s://" STR_FMT, scheme, STR_ARG(at->text));
}

/* The arguments of load_catalog() that not every server needs. */
static void
print_arguments(const struct serving *s)
{
	const struct first_start what = serving_first_start(s);

	if (s->settings.auth_enabled)
		(void)printf("credential=\"" STR_FMT ":\" + password, ",
		    STR_ARG(bootstrap_admin_name(&what)));
	(void)printf("warehouse=\"default\"");
	if (s->settings.tls_mode == TLS_SELF_SIGNED)
		(void)printf(",\n                       ssl={\"cabundle\": "
			     "\"" STR_FMT "/" SELF_SIGNED_CERTIFICATE "\"}",
		    STR_ARG(s->app.state_dir));
	(void)printf(")\n");
}

static void
print_first_round(const struct serving *s, struct str url)
{
	(void)printf("  first round with PyIceberg, to paste into another "
		     "shell:\n\n"
		     "python3 -m venv ~/.cache/pangolin/venv\n"
		     "~/.cache/pangolin/venv/bin/pip install -q "
		     "'pyiceberg[pyarrow]==0.12.0'\n"
		     "~/.cache/pangolin/venv/bin/python - <<'EOF'\n"
		     "import pyarrow as pa\n"
		     "from pyiceberg.catalog import load_catalog\n\n");
	if (s->settings.auth_enabled)
		(void)printf("password = open(\"" STR_FMT "/" PASSWORD_FILE
			     "\").read().strip()\n",
		    STR_ARG(s->app.state_dir));
	(void)printf("catalog = load_catalog(\"pangolin\", type=\"rest\", "
		     "uri=\"" STR_FMT "\",\n                       ",
	    STR_ARG(url));
	print_arguments(s);
	(void)printf("rows = pa.table({\"id\": range(1000)})\n"
		     "catalog.create_namespace_if_not_exists(\"demo\")\n"
		     "table = catalog.create_table_if_not_exists("
		     "\"demo.numbers\", rows.schema)\n"
		     "table.append(rows)\n"
		     "print(table.scan().to_arrow().num_rows, \"rows in\", "
		     "table.location())\n"
		     "EOF\n\n");
}

static bool
has_password_file(const struct serving *s, struct arena *a)
{
	struct str path = arena_printf(
	    a, STR_FMT "/" PASSWORD_FILE, STR_ARG(s->app.state_dir));

	return access(path.ptr, F_OK) == 0;
}

static void
print_password(const struct serving *s, struct arena *a)
{
	const struct first_start what = serving_first_start(s);
	struct str users = bootstrap_users(a, &what);

	(void)printf("  password    of " STR_FMT ", until changed:\n"
		     "              " STR_FMT "/" PASSWORD_FILE "\n",
	    STR_ARG(users), STR_ARG(s->app.state_dir));
}

static void
print_all(const struct serving *s, struct arena *a, bool has_password)
{
	struct str url = local_url(s, a);

	(void)printf("\nPangolin serves " STR_FMT "\n"
		     "  look        with a browser\n"
		     "  stop it     Ctrl-C; the data stays in " STR_FMT "\n",
	    STR_ARG(url), STR_ARG(s->app.state_dir));
	if (has_password && s->settings.auth_enabled)
		print_password(s, a);
	if (s->settings.bootstrap != BOOTSTRAP_NONE)
		print_first_round(s, url);
	(void)fflush(stdout);
}

void
greeting_print(const struct serving *s, bool is_new)
{
	struct arena *a = arena_new();
	bool has_password = has_password_file(s, a);

	if (log_is_text() && (is_new || has_password))
		print_all(s, a, has_password);
	arena_free(a);
}
