#include "base/uuid.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/random.h>

#include "base/clock.h"

static void
set_version(struct id *id, unsigned version)
{
	id->b[6] = (uint8_t)((id->b[6] & 0x0F) | version << 4);
	id->b[8] = (uint8_t)((id->b[8] & 0x3F) | 0x80);
}

static void
fill_random(void *to, size_t len)
{
	uint8_t *at = to;

	/* up to 256 bytes it is whole; of more a signal may leave a part */
	while (len != 0) {
		ssize_t n = getrandom(at, len, 0);

		if (n < 0 && errno != EINTR)
			abort();
		if (n > 0) {
			at += n;
			len -= (size_t)n;
		}
	}
}

struct id
id_v4(void)
{
	struct id id;

	fill_random(id.b, sizeof(id.b));
	set_version(&id, 4);
	return id;
}

struct id
id_v4_of(struct id_batch *batch)
{
	struct id id;

	if (batch->left == 0) {
		fill_random(batch->random, sizeof(batch->random));
		batch->left = ID_BATCH;
	}
	id = batch->random[--batch->left];
	set_version(&id, 4);
	return id;
}

struct id
id_v7(void)
{
	uint64_t ms = (uint64_t)(clock_now_us() / CLOCK_MS);
	struct id id;

	for (int i = 0; i < 6; i++)
		id.b[i] = (uint8_t)(ms >> (40 - 8 * i));
	fill_random(id.b + 6, 10);
	set_version(&id, 7);
	return id;
}

struct id
id_v8(const uint8_t *hash)
{
	struct id id;

	memcpy(id.b, hash, sizeof(id.b));
	set_version(&id, 8);
	return id;
}

bool
id_is_nil(struct id id)
{
	static const struct id nil;

	return id_eq(id, nil);
}

static bool
dash_before(int byte)
{
	return byte == 4 || byte == 6 || byte == 8 || byte == 10;
}

void
id_format(struct id id, char ret[ID_TEXT])
{
	static const char hex[] = "0123456789abcdef";

	for (int i = 0; i < 16; i++) {
		if (dash_before(i))
			*ret++ = '-';
		*ret++ = hex[id.b[i] >> 4];
		*ret++ = hex[id.b[i] & 15];
	}
	*ret = '\0';
}

bool
id_parse(struct str s, struct id *ret)
{
	struct id id;
	size_t at = 0;

	if (s.len != ID_TEXT - 1)
		return false;
	for (int i = 0; i < 16; i++) {
		if (dash_before(i) && s.ptr[at++] != '-')
			return false;

		int high = str_hex_digit(s.ptr[at++]);
		int low = str_hex_digit(s.ptr[at++]);

		if (high < 0 || low < 0)
			return false;
		id.b[i] = (uint8_t)(high << 4 | low);
	}
	*ret = id;
	return true;
}
